"""Writes policy_golden.json: what the augmentation policies must give, computed from Pillow, torchvision and NumPy with the same random numbers.

    python augment_reference.py > ../resources/dev/quern/augment/policy/policy_golden.json

Needs Pillow 12.3, torchvision and NumPy. Images are those of image() below; checksums are CRC-32 of the bytes of all images of a run.
"""
import csv
import json
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

original = torch.library.register_fake
torch.library.register_fake = lambda op, *a, **k: (
    (lambda f: f) if isinstance(op, str) and op.startswith("torchvision::") else original(op, *a, **k))
from torchvision.transforms import InterpolationMode  # noqa: E402
from torchvision.transforms import autoaugment as tv  # noqa: E402

torch.library.register_fake = original
MASK = 0xFFFFFFFF
SEED, EPOCHS, SAMPLES = 7, (0, 3), 48
SIZES = ((32, 32), (24, 41))  # height, width
NEAREST = InterpolationMode.NEAREST


# ---- random numbers

def philox(seed, epoch, sample, slot):
    c = [sample & MASK, sample >> 32 & MASK, epoch & MASK, slot & MASK]
    k = [seed & MASK, seed >> 32 & MASK]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [p1 >> 32 ^ c[1] ^ k[0], p1 & MASK, p0 >> 32 ^ c[3] ^ k[1], p0 & MASK]
        k = [k[0] + 0x9E3779B9 & MASK, k[1] + 0xBB67AE85 & MASK]
    return c[0] | c[1] << 32


class Draws:
    def __init__(self, epoch, sample, place, seed=SEED):
        self.key, self.first = (seed, epoch, sample), (place + 1) << 16
        self.epoch = epoch

    def bits(self, slot):
        return philox(*self.key, self.first + slot)

    def uniform(self, slot, low=0.0, high=1.0):
        return low + (high - low) * ((self.bits(slot) >> 11) * 2.0 ** -53)

    def below(self, bound, slot):
        return (self.bits(slot) >> 1) * (bound << 1) >> 64

    def happens(self, p, slot):
        return self.uniform(slot) < p

    def sign(self, slot):
        return -1 if self.bits(slot) >> 63 else 1

    def exponential(self, slot):
        return -math.log(1 - self.uniform(slot))

    def dirichlet(self, n, slot):
        g = [self.exponential(slot + i) for i in range(n)]
        return [x / sum(g) for x in g]


# ---- images

def image(height, width, sample):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    if sample % 2:
        v = 40 + (x * (3 + c) + y * (5 - c) + 5 * sample) % 120
    else:
        v = x * 37 + y * 91 + c * 53 + (x * y) % 29 * 7 + (x * x + 3 * y) % 17 * (c + 1) + 13 * sample
    return (v & 255).astype(np.uint8)


def crop_flip(a, draws_crop, draws_flip, padding):
    h, w, _ = a.shape
    p = np.pad(a, ((padding, padding), (padding, padding), (0, 0)))
    y, x = draws_crop.below(2 * padding + 1, 0), draws_crop.below(2 * padding + 1, 1)
    a = p[y:y + h, x:x + w]
    return a[:, ::-1] if draws_flip.happens(.5, 0) else a


def pil(a):
    return Image.fromarray(np.ascontiguousarray(a))


# ---- policies on bytes: f(array, draws of a place) -> array

def torchvision_op(im, name, magnitudes, signed, level, sign, resample=NEAREST):
    m = float(magnitudes[level]) if magnitudes.ndim > 0 else 0.0
    return tv._apply_op(im, name, m * sign if signed else m, resample, None)


def rand_augment(n, m):
    def run(a, place):
        space = tv.RandAugment()._augmentation_space(31, a.shape[:2])
        d, im = place(0), pil(a)
        for i in range(n):
            name = list(space)[d.below(len(space), 3 * i)]
            im = torchvision_op(im, name, *space[name], m, d.sign(3 * i + 2))
        return np.asarray(im)
    return run


def trivial_wide(a, place):
    space = tv.TrivialAugmentWide()._augmentation_space(31)
    d = place(0)
    name = list(space)[d.below(len(space), 0)]
    return np.asarray(torchvision_op(pil(a), name, *space[name], d.below(31, 1), d.sign(2)))


def enhancer(kind, factor):
    return lambda im: kind(im).enhance(factor)


def affine(*matrix, **options):
    return lambda im: im.transform(im.size, Image.AFFINE, matrix, **options)


def trivial(levels, most_bits):
    def run(a, place):
        d, im = place(0), pil(a)
        op, level, s = d.below(14, 0), d.below(levels, 1), d.sign(2)
        whole = lambda most: most * level // (levels - 1)  # noqa: E731
        factor = level * 1.8 / (levels - 1) + .1
        shear = s * (level * .3 / (levels - 1))
        return np.asarray([
            lambda im: im, ImageOps.autocontrast, ImageOps.equalize, lambda im: im.rotate(s * whole(30)),
            lambda im: ImageOps.solarize(im, 256 - whole(256)), enhancer(ImageEnhance.Color, factor),
            lambda im: ImageOps.posterize(im, most_bits - whole(4)), enhancer(ImageEnhance.Contrast, factor),
            enhancer(ImageEnhance.Brightness, factor), enhancer(ImageEnhance.Sharpness, factor),
            affine(1, shear, 0, 0, 1, 0), affine(1, 0, 0, shear, 1, 0),
            affine(1, 0, s * whole(10), 0, 1, 0), affine(1, 0, 0, 0, 1, s * whole(10))][op](im))
    return run


def auto_augment(policy):
    policies = tv.AutoAugment()._get_policies(policy)

    def run(a, place):
        d, im = place(2), pil(a)
        space = tv.AutoAugment()._augmentation_space(10, a.shape[:2])
        for i, (name, p, level) in enumerate(policies[d.below(25, 0)]):
            if d.happens(p, 1 + 2 * i):
                im = torchvision_op(im, name, *space[name], 0 if level is None else level, d.sign(2 + 2 * i))
        return np.asarray(im)
    return run


def rotate_with_fill(im, degrees):
    rotated = im.convert("RGBA").rotate(degrees)
    return Image.composite(rotated, Image.new("RGBA", rotated.size, (128,) * 4), rotated).convert(im.mode)


def released_auto_augment(a, place):
    d, im = place(2), pil(a)
    sub = tv.AutoAugment()._get_policies(tv.AutoAugmentPolicy.CIFAR10)[d.below(25, 0)]
    grey = dict(fillcolor=(128, 128, 128))
    for i, (name, p, level) in enumerate(sub):
        s, share = d.sign(2 + 2 * i), (level or 0) / 9
        if not d.happens(p, 1 + 2 * i):
            continue
        cubic = dict(grey, resample=Image.BICUBIC)
        w, h = im.size
        im = {
            "ShearX": affine(1, s * .3 * share, 0, 0, 1, 0, **cubic),
            "ShearY": affine(1, 0, 0, s * .3 * share, 1, 0, **cubic),
            "TranslateX": affine(1, 0, s * (150 / 331) * share * w, 0, 1, 0, **grey),
            "TranslateY": affine(1, 0, 0, 0, 1, s * (150 / 331) * share * h, **grey),
            "Rotate": lambda im: rotate_with_fill(im, s * 30 * share),
            "Color": enhancer(ImageEnhance.Color, 1 + s * .9 * share),
            "Brightness": enhancer(ImageEnhance.Brightness, 1 + s * .9 * share),
            "Contrast": enhancer(ImageEnhance.Contrast, 1 + s * .9 * share),
            "Sharpness": enhancer(ImageEnhance.Sharpness, 1 + s * .9 * share),
            "Posterize": lambda im: ImageOps.posterize(im, int(np.round(np.linspace(8, 4, 10))[level])),
            "Solarize": lambda im: ImageOps.solarize(im, 256 - 256 * share),
            "AutoContrast": ImageOps.autocontrast, "Equalize": ImageOps.equalize, "Invert": ImageOps.invert,
        }[name](im)
    return np.asarray(im)


def cutout_grey(im, v, d, slot):
    w, h = im.size
    v *= w
    x0, y0 = d.uniform(slot, 0, w), d.uniform(slot + 1, 0, h)
    x0, y0 = int(max(0, x0 - v / 2)), int(max(0, y0 - v / 2))
    im = im.copy()
    if v > 0:
        ImageDraw.Draw(im).rectangle((x0, y0, min(w, x0 + v), min(h, y0 + v)), (125, 123, 114))
    return im


RANGES = dict(ShearX=(-.3, .3), ShearY=(-.3, .3), TranslateX=(-.45, .45), TranslateY=(-.45, .45), Rotate=(-30, 30),
              AutoContrast=(0, 1), Invert=(0, 1), Equalize=(0, 1), Solarize=(0, 256), Posterize=(4, 8), Contrast=(.1, 1.9),
              Color=(.1, 1.9), Brightness=(.1, 1.9), Sharpness=(.1, 1.9), Cutout=(0, .2))


def searched(path):
    policies = []
    for row in csv.DictReader(open(path)):
        if int(row["subpolicy"]) == len(policies):
            policies.append([])
        policies[-1].append((row["op"], float(row["prob"]), float(row["level01"])))

    def run(a, place):
        d, im = place(0), pil(a)
        for i, (name, p, level) in enumerate(policies[d.below(len(policies), 0)]):
            low, high = RANGES[name]
            v, s, (w, h) = level * (high - low) + low, d.sign(2 + 4 * i), im.size
            if not d.happens(p, 1 + 4 * i):
                continue
            im = {
                "ShearX": affine(1, s * v, 0, 0, 1, 0), "ShearY": affine(1, 0, 0, s * v, 1, 0),
                "TranslateX": affine(1, 0, s * v * w, 0, 1, 0), "TranslateY": affine(1, 0, 0, 0, 1, s * v * h),
                "Rotate": lambda im: im.rotate(s * v), "AutoContrast": ImageOps.autocontrast, "Invert": ImageOps.invert,
                "Equalize": ImageOps.equalize, "Solarize": lambda im: ImageOps.solarize(im, v),
                "Posterize": lambda im: ImageOps.posterize(im, int(v)), "Contrast": enhancer(ImageEnhance.Contrast, v),
                "Color": enhancer(ImageEnhance.Color, v), "Brightness": enhancer(ImageEnhance.Brightness, v),
                "Sharpness": enhancer(ImageEnhance.Sharpness, v), "Cutout": lambda im: cutout_grey(im, v, d, 3 + 4 * i),
            }[name](im)
        return np.asarray(im)
    return run, (2 if max(map(len, policies)) == 2 else 1)


def aug_mix(a, place):
    d, space = place(2), tv.AugMix()._augmentation_space(10, a.shape[:2])
    m, w = d.dirichlet(2, 0), d.dirichlet(3, 2)
    total = np.float32(m[0]) * a.astype(np.float32)
    for branch in range(3):
        im, first = pil(a), 16 * (branch + 1)
        for i in range(1 + d.below(3, first)):
            slot = first + 1 + 3 * i
            name = list(space)[d.below(len(space), slot)]
            im = torchvision_op(im, name, *space[name], d.below(3, slot + 1), d.sign(slot + 2), InterpolationMode.BILINEAR)
        total = total + np.float32(m[1] * w[branch]) * np.asarray(im).astype(np.float32)
    return total.astype(np.uint8)


def expression_colour(a, place):
    im = pil(a)
    d = place(0)
    if d.happens(.7, 0):
        im = im.rotate(d.sign(2) * d.below(31, 1))
    if place(1).happens(.8, 0):
        im = ImageEnhance.Color(im).enhance(.4)
    if place(2).happens(.5, 0):
        im = ImageOps.solarize(im, 100)
    if place(3).happens(.6, 0):
        im = ImageEnhance.Sharpness(im).enhance(1.7)
    if place(4).happens(.5, 0):
        im = ImageOps.posterize(im, 3)
    d = place(5)
    if d.happens(.5, 0):
        im = im.rotate(90 * d.below(4, 1))
    return np.asarray(im)


def expression_moves(a, place):
    if place(0).happens(.5, 0):
        a = np.asarray(pil(a).transpose(Image.FLIP_TOP_BOTTOM))
    if place(1).happens(.5, 0):
        a = np.asarray(pil(a).filter(ImageFilter.BLUR))
    d, most = place(2), int(.3 * a.shape[0])
    if d.happens(.5, 0):
        a = np.roll(a, d.sign(1) * d.below(most + 1, 2), axis=1)
    return a[:, ::-1] if place(3).happens(.5, 0) else a


def bytes_crc(run, crop_place, first_crop, padding_of):
    """crop_place: place of the crop step or None; first_crop: whether it precedes the policy."""
    crcs = {}
    for h, w in SIZES:
        crc = 0
        for epoch in EPOCHS:
            for sample in range(SAMPLES):
                place = lambda p: Draws(epoch, sample, p)  # noqa: E731
                a = image(h, w, sample)
                if crop_place is not None and first_crop:
                    a = crop_flip(a, place(crop_place), place(crop_place + 1), padding_of(h, w))
                a = run(a, place)
                if crop_place is not None and not first_crop:
                    a = crop_flip(a, place(crop_place), place(crop_place + 1), padding_of(h, w))
                crc = zlib.crc32(np.ascontiguousarray(a).tobytes(), crc)
        crcs["%dx%d" % (h, w)] = "%08x" % crc
    return crcs


# ---- masks: f(draws, h, w) -> boolean array of erased pixels

def cutout_mask(size, p):
    def run(d, h, w):
        m = np.zeros((h, w), bool)
        if d.happens(p, 0):
            y, x = d.below(h, 1) - size // 2, d.below(w, 2) - size // 2
            m[max(0, y):max(0, y + size), max(0, x):max(0, x + size)] = True
        return m
    return run


def erasing_mask(p, low, high, log_aspect, tries):
    def run(d, h, w):
        m = np.zeros((h, w), bool)
        if not d.happens(p, 0):
            return m
        for i in range(tries):
            s = 1 + 4 * i
            area = d.uniform(s, low, high) * h * w
            aspect = math.exp(d.uniform(s + 1, math.log(.3), -math.log(.3))) if log_aspect else d.uniform(s + 1, .3, 1 / .3)
            eh, ew = int(round(math.sqrt(area * aspect))), int(round(math.sqrt(area / aspect)))
            if eh < h and ew < w:
                y, x = d.below(h - eh + 1, s + 2), d.below(w - ew + 1, s + 3)
                m[y:y + eh, x:x + ew] = True
                return m
        return m
    return run


def has_mask(sizes, bands):
    def run(d, h, w):
        m, g, slot = np.zeros((h, w), bool), sizes[d.below(len(sizes), 0)], 1
        for y in range(0, h, g) if g else ():
            for x in range(0, w, w if bands else g):
                m[y:y + g, x:x + (w if bands else g)] |= d.happens(.5, slot)
                slot += 1
        return m
    return run


def grid_mask(d1, d2, ratio, rotate, p, ramp):
    def run(d, h, w):
        if not d.happens(p if ramp == 0 else p * min(1, d.epoch / ramp), 0):
            return np.zeros((h, w), bool)
        hh = math.ceil(math.sqrt(h * h + w * w))
        period = d1 + d.below(d2 - d1 + 1, 1)
        length = math.ceil(period * ratio)
        mask = np.ones((hh, hh), np.uint8)
        for axis, start in ((0, d.below(period, 2)), (1, d.below(period, 3))):
            for i in range(-1, hh // period + 1):
                s, t = max(min(period * i + start, hh), 0), max(min(period * i + start + length, hh), 0)
                if axis == 0:
                    mask[s:t, :] = 0
                else:
                    mask[:, s:t] = 0
        mask = np.asarray(Image.fromarray(mask).rotate(d.below(rotate, 4)))
        mask = mask[(hh - h) // 2:(hh - h) // 2 + h, (hh - w) // 2:(hh - w) // 2 + w]
        return mask == 1
    return run


def mask_crc(run, place):
    crcs = {}
    for h, w in SIZES:
        crc = 0
        for epoch in EPOCHS:
            for sample in range(SAMPLES):
                crc = zlib.crc32(run(Draws(epoch, sample, place), h, w).astype(np.uint8).tobytes(), crc)
        crcs["%dx%d" % (h, w)] = "%08x" % crc
    return crcs


# ---- mixing

def partners(d, size):
    order, key, slot = list(range(size)), d.bits(0), d.first
    for i in range(size - 1, 0, -1):
        j = (philox(key, d.epoch, i, slot) >> 1) * ((i + 1) << 1) >> 64
        order[i], order[j] = order[j], order[i]
    return order


def batch(h, w):
    a = np.stack([image(h, w, s) for s in range(SAMPLES)]).astype(np.float32)
    return (a * np.float32(1 / 255)).astype(np.float32)


def mixup(d, x):
    g = [d.exponential(2), d.exponential(2 + 192)]
    lam = g[0] / (g[0] + g[1])
    other = x[partners(d, len(x))]
    return np.float32(lam) * x + (np.float32(1) - np.float32(lam)) * other, lam


def cutmix(d, x):
    n, h, w, _ = x.shape
    g = [d.exponential(4), d.exponential(4 + 192)]
    side = math.sqrt(1 - g[0] / (g[0] + g[1]))
    ch, cw, cy, cx = int(h * side), int(w * side), d.below(h, 2), d.below(w, 3)
    y0, y1, x0, x1 = max(0, cy - ch // 2), min(h, cy + ch // 2), max(0, cx - cw // 2), min(w, cx + cw // 2)
    out = x.copy()
    out[:, y0:y1, x0:x1] = x[partners(d, n)][:, y0:y1, x0:x1]
    return out, 1 - (y1 - y0) * (x1 - x0) / (h * w)


def mix_crc(run):
    found = {}
    for h, w in SIZES:
        for epoch in EPOCHS:
            out, lam = run(Draws(epoch, 0, 0), batch(h, w))
            found["%dx%d/%d" % (h, w, epoch)] = {"crc": "%08x" % zlib.crc32(out.astype(np.float32).tobytes()), "lambda": lam}
    return found


# ---- tables

def tables():
    found = {}
    for name, space in (("AUTO_AUGMENT", tv.AutoAugment()._augmentation_space(10, (224, 331))),
                        ("RAND_AUGMENT", tv.RandAugment()._augmentation_space(31, (224, 331))),
                        ("TRIVIAL_WIDE", tv.TrivialAugmentWide()._augmentation_space(31)),
                        ("AUG_MIX", tv.AugMix()._augmentation_space(10, (224, 331)))):
        found[name] = {op: [float(v) for v in m] if m.ndim else [] for op, (m, _) in space.items()}
    return found


def policies():
    return {p.name: [[[n, pr, 0 if m is None else m] for n, pr, m in sub] for sub in tv.AutoAugment()._get_policies(p)]
            for p in tv.AutoAugmentPolicy}


def main():
    here = Path(__file__).resolve().parent.parent / "resources/dev/quern/augment/policy"
    eighth, four = (lambda h, w: min(h, w) // 8), (lambda h, w: 4)
    found_ops, slots = searched(here / "searched.csv")
    on_bytes = {
        "randaugment:n=2,m=9": bytes_crc(rand_augment(2, 9), 1, False, eighth),
        "randaugment:n=3,m=30": bytes_crc(rand_augment(3, 30), 1, False, eighth),
        "randaugment:n=4,m=0": bytes_crc(rand_augment(4, 0), 1, False, eighth),
        "trivialaugment:space=wide": bytes_crc(trivial_wide, 1, False, eighth),
        "trivialaugment:space=standard": bytes_crc(trivial(31, 4), 1, False, eighth),
        "trivialaugment:space=fixed": bytes_crc(trivial(31, 8), 1, False, eighth),
        "released trivialaugment:cutout=0": bytes_crc(trivial(30, 4), 1, False, four),
        "autoaugment:policy=cifar10,cutout=0": bytes_crc(auto_augment(tv.AutoAugmentPolicy.CIFAR10), 0, True, eighth),
        "autoaugment:policy=imagenet,cutout=0": bytes_crc(auto_augment(tv.AutoAugmentPolicy.IMAGENET), 0, True, eighth),
        "autoaugment:policy=svhn,cutout=0": bytes_crc(auto_augment(tv.AutoAugmentPolicy.SVHN), 0, True, eighth),
        "released autoaugment:cutout=0": bytes_crc(released_auto_augment, 0, True, four),
        "fast-autoaugment:searched.csv,cutout=0": bytes_crc(found_ops, slots, False, eighth),
        "augmix": bytes_crc(aug_mix, 0, True, eighth),
        "rotate(30,0.7,variable)+color(0.4,0.8)+solarize(100,0.5)+sharpness(0.7,0.6)+posterize(3,0.5)+rotate(1,0.5,square)":
            bytes_crc(expression_colour, None, False, eighth),
        "flipUD(0.5)+blur(0.5)+shearX(0.5,0.3,variable)+flipLR(0.5)": bytes_crc(expression_moves, None, False, eighth),
        "basic()": bytes_crc(lambda a, place: a, 0, True, four),
    }
    masks = {
        "cutout:size=16,p=0.7": mask_crc(cutout_mask(16, .7), 2),
        "cutout:size=7": mask_crc(cutout_mask(7, 1), 2),
        "random-erasing": mask_crc(erasing_mask(.5, .02, .4, False, 100), 2),
        "random-erasing:settings=imagenet,p=0.9": mask_crc(erasing_mask(.9, .02, .33, True, 10), 2),
        "has": mask_crc(has_mask((0, 4, 8, 16), False), 2),
        "released has": mask_crc(has_mask((0, 16, 32, 44, 56), True), 2),
        "gridmask": mask_crc(grid_mask(24, 32, .4, 1, .8, 0), 2),
        "gridmask:least=5,most=20,ratio=0.5,rotate=360,p=0.9,ramp=4": mask_crc(grid_mask(5, 20, .5, 360, .9, 4), 2),
    }
    mixes = {"mixup()": mix_crc(mixup), "cutmix()": mix_crc(cutmix)}
    found = {"tables": tables(), "policies": policies(), "bytes": on_bytes, "masks": masks, "mixes": mixes}
    print("{" + ",\n".join(json.dumps(k) + ": {" + ",\n  ".join(json.dumps(n) + ": " + json.dumps(v) for n, v in part.items()) + "}"
                           for k, part in found.items()) + "}")


if __name__ == "__main__":
    main()
