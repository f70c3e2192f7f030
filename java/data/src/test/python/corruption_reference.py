"""Writes ../resources/dev/quern/data/fault/corruptions.json: the five corruptions by NumPy, Pillow 12.3.0 and OpenCV 5.0.0, as Moderate-DS defines them.

A kind, mode and size give the CRC-32 of the pixels; motion blur gives the pixels, because OpenCV filters in float32.
"""

import base64
import json
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

SEED, SAMPLE, NOISE_SLOT = 5, 3, 7
SIZES = [(32, 32), (64, 64), (40, 56)]


def pattern(height, width):
    y, x, c = np.meshgrid(range(height), range(width), range(3), indexing="ij")
    return ((x * 37 + y * 91 + c * 53 + x * y % 29 * 7 + (x * x + 3 * y) % 17 * (c + 1)) % 256).astype(np.uint8)


def philox(seed, epoch, sample, slot):
    counter = [sample & 0xFFFFFFFF, sample >> 32, epoch, slot]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [b >> 32 ^ counter[1] ^ key[0], b & 0xFFFFFFFF, a >> 32 ^ counter[3] ^ key[1], a & 0xFFFFFFFF]
        key = [key[0] + 0x9E3779B9 & 0xFFFFFFFF, key[1] + 0xBB67AE85 & 0xFFFFFFFF]
    return counter[0] | counter[1] << 32, counter[2] | counter[3] << 32


def normal(element):
    first, second = philox(SEED, element, SAMPLE, NOISE_SLOT)
    radius = np.sqrt(-2 * np.log(((first >> 12) + 0.5) / 2**52))
    return radius * np.cos(2 * np.pi * (second >> 11) / 2**53)


def clean(unit):
    return np.rint(255 * np.clip(unit, 0, 1)).astype(np.uint8)


def fog(image, mode):
    height, width, _ = image.shape
    y, x = np.mgrid[:height, :width]
    depth = np.sqrt(max(height, width)) - 0.04 * np.hypot(y - height / 2, x - width / 2)
    shown = np.exp(-0.4 * depth)[:, :, None]
    unit = image / 255 * shown + 0.5 * (1 - shown)
    return clean(unit) if mode == "clean" else unit.astype(np.uint8)


def gaussian_noise(image, mode):
    draws = np.array([normal(i) for i in range(image.size)]).reshape(image.shape)
    unit = image / 255 + 0.2 + draws
    return clean(unit) if mode == "clean" else (255 * np.clip(unit, -1, 1)).astype(np.int64).astype(np.uint8)


def motion_blur(image, mode):
    turn = cv2.getRotationMatrix2D((7.5, 7.5), 45, 1)
    kernel = cv2.warpAffine(np.diag(np.ones(15)), turn, (15, 15)) / 15
    blurred = cv2.filter2D(image, -1, kernel)
    return cv2.normalize(blurred, None, 0, 255, cv2.NORM_MINMAX)


def occlusion(image, mode):
    height, width, _ = image.shape
    picture = Image.fromarray(image)
    if (height, width) == (32, 32):
        box = (5, 5, 20, 20)
    else:
        box = (width * 5 // 64, height * 5 // 64, width * 45 // 64, height * 45 // 64)
    ImageDraw.Draw(picture).rectangle(box, fill=(0, 0, 0))
    return np.asarray(picture)


def resolution(image, mode):
    height, width, _ = image.shape
    small = Image.fromarray(image).resize((width // 4, height // 4), Image.BICUBIC)
    return np.asarray(small.resize((width, height), Image.BICUBIC))


def main():
    cases = []
    for corrupt in (fog, gaussian_noise, motion_blur, occlusion, resolution):
        for mode in ("clean", "legacy"):
            for height, width in SIZES:
                pixels = corrupt(pattern(height, width), mode)
                case = {"kind": corrupt.__name__, "mode": mode, "height": height, "width": width}
                if corrupt is motion_blur:
                    case["pixels"] = base64.b64encode(pixels.tobytes()).decode()
                else:
                    case["crc32"] = "%08x" % zlib.crc32(pixels.tobytes())
                cases.append(case)
    target = Path(__file__).parent / "../resources/dev/quern/data/fault/corruptions.json"
    target.write_text(json.dumps(cases, indent=0) + "\n")


if __name__ == "__main__":
    main()
