"""Prints the CRC-32 of what Pillow makes of the pattern image, for PillowResizeTest and ClipPreprocessingTest. Written with Pillow 12.3.0."""
import zlib

import PIL
from PIL import Image


def pattern(height, width):
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                pixels.append((x * 37 + y * 91 + c * 53 + x * y % 29 * 7 + (x * x + 3 * y) % 17 * (c + 1)) & 255)
    return Image.frombytes("RGB", (width, height), bytes(pixels))


def crc(image):
    return f"{zlib.crc32(image.tobytes()):08x}"


print("Pillow", PIL.__version__)
for height, width in [(32, 32), (64, 64), (20, 16), (10, 47), (33, 90), (1, 1), (100, 5), (224, 224), (300, 31)]:
    bilinear, bicubic = (crc(pattern(33, 47).resize((width, height), how)) for how in (Image.BILINEAR, Image.BICUBIC))
    print(f"resize {height},{width},{bilinear},{bicubic}")
for height, width, side in [(32, 32, 224), (64, 64, 224), (33, 47, 224), (500, 375, 224), (375, 500, 224), (300, 300, 224), (224, 224, 224), (57, 32, 31), (7, 300, 64), (640, 427, 336), (149, 100, 100)]:
    short = min(height, width)
    image = pattern(height, width).resize((int(side * width / short), int(side * height / short)), Image.BICUBIC)
    top, left = (int(round((length - side) / 2.0)) for length in (image.height, image.width))
    print(f"clip {height},{width},{side},{crc(image.crop((left, top, left + side, top + side)))}")
