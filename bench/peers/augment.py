"""A random op of random magnitude per image, bilinear, then crop from the zero-padded image, flip, normalise: float32 NCHW.

Ops and values are Pillow's. OpenCV and torchvision round, pad and shear by rules of their own, so their errors are no faults.
"""
import math
from concurrent.futures import ThreadPoolExecutor

OPS = (
    "identity auto_contrast equalize rotate solarize color posterize contrast brightness sharpness "
    "shear_x shear_y translate_x translate_y invert"
).split()
INVERSE_MAPS = {
    "shear_x": lambda v: (1, v, 0, 0, 1, 0),
    "shear_y": lambda v: (1, 0, 0, v, 1, 0),
    "translate_x": lambda v: (1, 0, v, 0, 1, 0),
    "translate_y": lambda v: (1, 0, 0, 0, 1, v),
}


def peers(inputs, threads, use):
    np, torch = use("numpy"), use("torch")
    cv2 = use("cv2")
    if cv2:
        cv2.setNumThreads(1)
        whole = Pass(np, inputs, opencv(np, cv2), lambda image: cv2.flip(image, 1))
        yield f"OpenCV, {threads} ideal processes", whole.run, threads
    if torch and use("torchvision"):
        from torchvision.transforms import v2

        yield "torchvision v2", lambda: torchvision(torch, v2.functional, v2.InterpolationMode.BILINEAR, inputs)
    if pil := use("PIL.Image"):
        whole = Pass(np, inputs, pillow(np, pil, use("PIL.ImageOps"), use("PIL.ImageEnhance")), lambda image: image[:, ::-1])
        yield f"Pillow, {threads} threads", lambda: whole.on_threads(threads)


class Pass:
    """Everything but the op itself, on arrays [H,W,3]."""

    def __init__(self, np, inputs, op, mirror):
        self.np, self.inputs, self.op, self.mirror = np, inputs, op, mirror
        self.scale = (1 / (255 * inputs["std"])).astype(np.float32)
        self.bias = (-inputs["mean"] / inputs["std"]).astype(np.float32)
        count, height, width, _ = inputs["images"].shape
        self.out = np.empty((count, 3, height, width), np.float32)

    def run(self, first=0, last=None):
        given = self.inputs
        for i in range(first, len(self.out) if last is None else last):
            image = self.op(given["images"][i], OPS[given["ops"].flat[i]], float(given["values"].flat[i]))
            image = crop(self.np, image, int(given["crop_y"][i]), int(given["crop_x"][i]))
            if given["flip"][i]:
                image = self.mirror(image)
            values = image.astype(self.np.float32)
            values *= self.scale
            values += self.bias
            for channel in range(3):
                self.out[i, channel] = values[:, :, channel]
        return self.out

    def on_threads(self, threads):
        borders = [len(self.out) * t // threads for t in range(threads + 1)]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self.run, borders, borders[1:]))
        return self.out


def crop(np, image, top, left):
    """The size stays; what lies outside is 0."""
    height, width, _ = image.shape
    out = np.zeros_like(image)
    rows, columns = slice(max(0, top), min(height, top + height)), slice(max(0, left), min(width, left + width))
    out[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = image[rows, columns]
    return out


def pillow(np, pil, ops, enhance):
    def op(array, name, value):
        image = pil.fromarray(array)
        if name in INVERSE_MAPS:
            image = image.transform(image.size, pil.AFFINE, INVERSE_MAPS[name](value), pil.BILINEAR)
        elif name == "rotate":
            image = image.rotate(value, resample=pil.BILINEAR)
        elif name in ("solarize", "posterize"):
            image = getattr(ops, name)(image, int(value))
        elif name in ("equalize", "auto_contrast", "invert"):
            image = getattr(ops, name.replace("_", ""))(image)
        elif name != "identity":
            image = getattr(enhance, name.capitalize())(image).enhance(value)
        return np.asarray(image)

    return op


def opencv(np, cv2):
    levels = np.arange(256, dtype=np.float32)
    table = lambda image, values: cv2.LUT(image, np.clip(values, 0, 255).astype(np.uint8))
    grey = lambda image: cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    blur = np.full((3, 3), 1 / 13, np.float32)
    blur[1, 1] = 5 / 13

    def stretched(image):
        low, high = image.min((0, 1)).astype(np.float32), image.max((0, 1)).astype(np.float32)
        return table(image, ((levels[:, None] - low) * (255 / np.maximum(high - low, 1)))[:, None])

    def contrast(image, value):
        mean = int(cv2.mean(grey(image))[0] + 0.5)
        return table(image, mean + (levels - mean) * value)

    colour = {
        "identity": lambda image, value: image,
        "invert": lambda image, value: cv2.bitwise_not(image),
        "auto_contrast": lambda image, value: stretched(image),
        "equalize": lambda image, value: cv2.merge([cv2.equalizeHist(plane) for plane in cv2.split(image)]),
        "solarize": lambda image, value: table(image, np.where(levels >= value, 255 - levels, levels)),
        "posterize": lambda image, value: table(image, np.arange(256) & (0xFF << (8 - int(value)))),
        "brightness": lambda image, value: table(image, levels * value),
        "contrast": contrast,
        "color": lambda image, value: cv2.addWeighted(image, value, cv2.cvtColor(grey(image), cv2.COLOR_GRAY2RGB), 1 - value, 0),
        "sharpness": lambda image, value: cv2.addWeighted(image, value, cv2.filter2D(image, -1, blur), 1 - value, 0),
    }

    def op(image, name, value):
        if name in colour:
            return colour[name](image, value)
        height, width = image.shape[:2]
        if name == "rotate":
            forward = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), value, 1.0)
            return cv2.warpAffine(image, forward, (width, height), flags=cv2.INTER_LINEAR)
        inverse = np.float32(INVERSE_MAPS[name](value)).reshape(2, 3)
        return cv2.warpAffine(image, inverse, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)

    return op


def torchvision(torch, functional, bilinear, inputs):
    images = torch.from_numpy(inputs["images"]).permute(0, 3, 1, 2)
    mean, std = (torch.from_numpy(inputs[name])[:, None, None] for name in ("mean", "std"))
    out = torch.empty(images.shape)
    for i, image in enumerate(images):
        image = torchvision_op(functional, bilinear, image, OPS[inputs["ops"].flat[i]], float(inputs["values"].flat[i]))
        image = functional.crop(image, int(inputs["crop_y"][i]), int(inputs["crop_x"][i]), *image.shape[1:])
        if inputs["flip"][i]:
            image = functional.horizontal_flip(image)
        out[i] = (functional.to_dtype(image, torch.float32, scale=True) - mean) / std
    return out


def torchvision_op(functional, bilinear, image, name, value):
    def affine(translate=(0, 0), shear=(0.0, 0.0)):
        return functional.affine(image, 0.0, list(translate), 1.0, list(shear), interpolation=bilinear, center=[0, 0])

    degrees = math.degrees(math.atan(value))
    op = {
        "identity": lambda: image,
        "auto_contrast": lambda: functional.autocontrast(image),
        "equalize": lambda: functional.equalize(image),
        "invert": lambda: functional.invert(image),
        "rotate": lambda: functional.rotate(image, value, interpolation=bilinear),
        "solarize": lambda: functional.solarize(image, min(value, 255.0)),
        "posterize": lambda: functional.posterize(image, int(value)),
        "color": lambda: functional.adjust_saturation(image, value),
        "contrast": lambda: functional.adjust_contrast(image, value),
        "brightness": lambda: functional.adjust_brightness(image, value),
        "sharpness": lambda: functional.adjust_sharpness(image, value),
        "shear_x": lambda: affine(shear=(degrees, 0.0)),
        "shear_y": lambda: affine(shear=(0.0, degrees)),
        "translate_x": lambda: affine(translate=(-int(value), 0)),
        "translate_y": lambda: affine(translate=(0, -int(value))),
    }
    return op[name]()
