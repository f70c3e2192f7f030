"""Writes network_parity.safetensors: features and logits of reference networks in PyTorch and torchvision, in evaluation mode, and the
CRC-32 of the sorted names of their state dicts.

Weights and images are hashed from tensor names and places, the same as in HashedWeights.java; nothing else is shared.
Usage: python make_network_parity.py
"""
import os
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch import nn

CLASSES = 10
BATCH = 2


def torchvision_models():
    """torchvision without its compiled operators, which a CPU build of torch may not load; no network here needs them."""
    register = torch.library.register_fake
    torch.library.register_fake = lambda op, *a, **k: (lambda f: f) if str(op).startswith("torchvision::") else register(op, *a, **k)
    try:
        import torchvision.models
    finally:
        torch.library.register_fake = register
    return torchvision.models


models = torchvision_models()


def hashed(name, shape):
    """Uniform in [-1, 1) with 24 bits: splitmix64 of the CRC-32 of the name and the place."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = (np.uint64(zlib.crc32(name.encode())) << np.uint64(32)) + np.arange(1, count + 1, dtype=np.uint64)
        z *= np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)).reshape(shape)


def fill(network, gain):
    for name, tensor in network.state_dict().items():
        if not tensor.is_floating_point():
            continue
        u = hashed(name, tuple(tensor.shape))
        if tensor.dim() > 1:
            value = u * np.float32(np.sqrt(gain / np.prod(tensor.shape[1:])))
        elif name.endswith("running_var"):
            value = 1 + u * np.float32(0.5)
        elif name.endswith("weight"):
            value = 1 + u * np.float32(0.25)
        else:
            value = u * np.float32(0.25)
        tensor.copy_(torch.from_numpy(value))
    return network.eval()


def resnet(make, small):
    network = make(num_classes=CLASSES)
    if small:
        network.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        network.maxpool = nn.Identity()
    head = network.fc
    network.fc = nn.Identity()
    return Headed(network, head, {"fc": head})


class Headed(nn.Module):
    """A trunk and a head under the names of the whole."""

    def __init__(self, trunk, head, named=None):
        super().__init__()
        self.trunk, self.head = trunk, head
        self.named = named or {}

    def state_dict(self):
        state = dict(self.trunk.state_dict())
        for prefix, module in self.named.items():
            state.update({f"{prefix}.{key}": value for key, value in module.state_dict().items()})
        return state

    def forward(self, images):
        features = self.trunk(images)
        return features, self.head(features)


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, author):
        super().__init__()
        self.author = author
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 1 if author else stride, 1, bias=author)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride if author else 1, 1, bias=author)
        if inputs != outputs:
            projection = nn.Conv2d(inputs, outputs, 1, stride, bias=author)
            if author:
                self.shortcut = nn.Sequential(projection)
            else:
                self.convShortcut = projection

    def forward(self, x):
        normalized = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(normalized))))
        if hasattr(self, "shortcut"):
            return y + self.shortcut(x)
        if hasattr(self, "convShortcut"):
            return y + self.convShortcut(normalized)
        return y + x


class WideTrunk(nn.Module):
    def __init__(self, depth, width, author):
        super().__init__()
        self.author = author
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=author)
        inputs = 16
        for stage in range(3):
            blocks = nn.Sequential()
            for block in range((depth - 4) // 6):
                blocks.append(WideBlock(inputs, width * 16 << stage, 2 if stage and not block else 1, author))
                inputs = width * 16 << stage
            if author:
                self.add_module(f"layer{stage + 1}", blocks)
            else:
                self.add_module(f"block{stage + 1}", nn.ModuleDict({"layer": blocks}))
        self.bn1 = nn.BatchNorm2d(inputs)

    def forward(self, x):
        x = self.conv1(x)
        for stage in range(3):
            x = getattr(self, f"layer{stage + 1}")(x) if self.author else getattr(self, f"block{stage + 1}")["layer"](x)
        return F.relu(self.bn1(x)).mean((2, 3))


def wide(author):
    trunk = WideTrunk(16, 2, author)
    head = nn.Linear(128, CLASSES)
    return Headed(trunk, head, {"linear" if author else "fc": head})


class ShakeShortcut(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(inputs, outputs // 2, 1, bias=False)
        self.conv2 = nn.Conv2d(inputs, outputs // 2, 1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = F.relu(x)
        moved = torch.zeros_like(x)
        moved[:, :, :-1, :-1] = x[:, :, 1:, 1:]
        halves = [self.conv1(F.avg_pool2d(x, 1, self.stride)), self.conv2(F.avg_pool2d(moved, 1, self.stride))]
        return self.bn(torch.cat(halves, 1))


class ShakeBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.branch1 = self.branch(inputs, outputs, stride)
        self.branch2 = self.branch(inputs, outputs, stride)
        if inputs != outputs:
            self.shortcut = ShakeShortcut(inputs, outputs, stride)

    @staticmethod
    def branch(inputs, outputs, stride):
        return nn.Sequential(
            nn.ReLU(), nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs),
            nn.ReLU(), nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        kept = self.shortcut(x) if hasattr(self, "shortcut") else x
        return kept + (self.branch1(x) + self.branch2(x)) / 2


class ShakeTrunk(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_in = nn.Conv2d(3, 16, 3, 1, 1)
        inputs = 16
        for stage in range(3):
            blocks = nn.Sequential()
            for block in range(4):
                blocks.append(ShakeBlock(inputs, width << stage, 2 if stage and not block else 1))
                inputs = width << stage
            self.add_module(f"layer{stage + 1}", blocks)

    def forward(self, x):
        return F.relu(self.layer3(self.layer2(self.layer1(self.c_in(x))))).mean((2, 3))


def shake():
    head = nn.Linear(128, CLASSES)
    return Headed(ShakeTrunk(32), head, {"fc_out": head})


class SmallVgg(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = models.vgg16_bn(num_classes=2).features

    def forward(self, x):
        return self.features(x).mean((2, 3))


def small_vgg():
    head = nn.Linear(512, CLASSES)
    return Headed(SmallVgg(), head, {"classifier": head})


def vgg(make, hidden=64):
    network = make(num_classes=2)
    network.classifier[0] = nn.Linear(512 * 49, hidden)
    network.classifier[3] = nn.Linear(hidden, hidden)
    head = nn.Linear(hidden, CLASSES)
    network.classifier[6] = nn.Identity()
    return Headed(network, head, {"classifier.6": head})


class DenseLayer(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, 128, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(128), nn.Conv2d(128, 32, 3, 1, 1, bias=False)

    def forward(self, x):
        return torch.cat([self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x)))))), x], 1)


class SmallDense(nn.Module):
    def __init__(self, blocks=(6, 12, 24, 16)):
        super().__init__()
        channels = 64
        self.conv1 = nn.Conv2d(3, channels, 3, 1, 1, bias=False)
        for i, layers in enumerate(blocks, 1):
            self.add_module(f"dense{i}", nn.Sequential(*[DenseLayer(channels + 32 * layer) for layer in range(layers)]))
            channels += 32 * layers
            if i < len(blocks):
                self.add_module(f"trans{i}", nn.ModuleDict(
                    {"bn": nn.BatchNorm2d(channels), "conv": nn.Conv2d(channels, channels // 2, 1, bias=False)}))
                channels //= 2
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        x = self.conv1(x)
        for i in range(1, 5):
            x = getattr(self, f"dense{i}")(x)
            if i < 4:
                transition = getattr(self, f"trans{i}")
                x = F.avg_pool2d(transition["conv"](F.relu(transition["bn"](x))), 2)
        return F.relu(self.bn(x)).mean((2, 3))


def small_dense():
    head = nn.Linear(1024, CLASSES)
    return Headed(SmallDense(), head, {"linear": head})


def dense():
    network = models.densenet121(num_classes=CLASSES)
    head, network.classifier = network.classifier, nn.Identity()
    return Headed(network, head, {"classifier": head})


def vit():
    network = models.VisionTransformer(32, 8, 3, 4, 48, 96, num_classes=CLASSES)
    head, network.heads = network.heads, nn.Identity()
    return Headed(network, head, {"heads": head})


def swin():
    network = models.swin_t(num_classes=CLASSES)
    head, network.head = network.head, nn.Identity()
    return Headed(network, head, {"head": head})


# Name: network, height, width, gain of the weights (what keeps the outputs near 1).
CASES = {
    "resnet18": (lambda: resnet(models.resnet18, True), 32, 32, 3),
    "resnet50": (lambda: resnet(models.resnet50, True), 32, 32, 3),
    "resnet18-imagenet": (lambda: resnet(models.resnet18, False), 64, 64, 3),
    "resnet50-imagenet": (lambda: resnet(models.resnet50, False), 64, 64, 3),
    "wrn-16-2": (lambda: wide(False), 32, 32, 3),
    "wrn-16-2-author": (lambda: wide(True), 32, 32, 3),
    "shake-shake-26-2x32d": (shake, 32, 32, 3),
    "vgg16-bn": (small_vgg, 64, 64, 5),
    "vgg16-imagenet": (lambda: vgg(models.vgg16), 64, 64, 6),
    "vgg16-bn-imagenet": (lambda: vgg(models.vgg16_bn), 64, 64, 5),
    "densenet121": (small_dense, 32, 32, 6),
    "densenet121-imagenet": (dense, 64, 64, 4),
    "vit-tiny": (vit, 32, 32, 3),
    "swin-t": (swin, 84, 56, 3),
}


def main():
    expected = {}
    with torch.no_grad():
        for name, (make, height, width, gain) in CASES.items():
            images = torch.from_numpy(hashed("images", (BATCH, 3, height, width)) * np.float32(1.75))
            network = fill(make(), gain)
            features, logits = network(images)
            apart = (logits[0] - logits[1]).abs().max()
            print(f"{name:22s} features ±{features.abs().max():7.3f}  logits ±{logits.abs().max():7.3f}  images apart {apart:.4f}")
            expected[name + ".features"] = features.contiguous().numpy()
            expected[name + ".logits"] = logits.contiguous().numpy()
            expected[name + ".names"] = np.int64([zlib.crc32("\n".join(sorted(network.state_dict())).encode())])
    save_file(expected, os.path.join(os.path.dirname(os.path.abspath(__file__)), "network_parity.safetensors"))


if __name__ == "__main__":
    main()
