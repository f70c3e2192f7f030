"""A training step of a residual network for 32×32 images: forward, backward, Nesterov SGD; `images` uint8 [B,H,W,3] and the weights are given."""

RATE = 1e-30  # next to nothing: every step sees the same weights


def peers(inputs, threads, use):
    if not (torch := use("torch")):
        return
    half = torch.bfloat16 if inputs["bfloat16"] else torch.float32
    kind = "bf16" if inputs["bfloat16"] else "fp32"
    yield f"torch, channels-last, {kind}", Step(torch, inputs, half)
    compiled = Step(torch, inputs, half, torch.compile)
    compiled()  # compiles
    yield f"torch.compile, channels-last, {kind}", compiled
    if half != torch.float32:
        yield "torch, channels-last, fp32", Step(torch, inputs, torch.float32)


class Step:
    def __init__(self, torch, inputs, precision, prepared=lambda network: network):
        self.torch, self.precision = torch, precision
        network = build(torch, inputs).to(memory_format=torch.channels_last)
        images = torch.from_numpy(inputs["images"]).permute(0, 3, 1, 2) / 255
        mean, std = (torch.from_numpy(inputs[name])[:, None, None] for name in ("mean", "std"))
        self.images = ((images - mean) / std).contiguous(memory_format=torch.channels_last)
        self.labels = torch.from_numpy(inputs["labels"]).long()
        self.optimizer = torch.optim.SGD(network.parameters(), RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
        self.network = prepared(network)

    def __call__(self):
        torch = self.torch
        with torch.enable_grad():
            self.optimizer.zero_grad()
            with torch.autocast("cpu", self.precision, enabled=self.precision != torch.float32):
                scores = self.network(self.images)
            loss = torch.nn.functional.cross_entropy(scores.float(), self.labels)
            loss.backward()
            self.optimizer.step()
            return [loss.item()]


def build(torch, inputs):
    nn = torch.nn
    convolution = lambda into, out, size, stride: nn.Conv2d(into, out, size, stride, size // 2, bias=False)

    class Block(nn.Module):
        def __init__(self, into, out, stride, project):
            super().__init__()
            self.conv1, self.bn1 = convolution(into, out, 3, stride), nn.BatchNorm2d(out)
            self.conv2, self.bn2 = convolution(out, out, 3, 1), nn.BatchNorm2d(out)
            self.more, self.downsample = out - into, None
            if project and self.more:
                self.downsample = nn.Sequential(convolution(into, out, 1, stride), nn.BatchNorm2d(out))

        def forward(self, x):
            y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu_()))
            if self.downsample:
                x = self.downsample(x)
            elif self.more:
                x = nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more // 2, self.more - self.more // 2))
            return y.add_(x).relu_()

    class Network(nn.Module):
        def __init__(self, widths, blocks, project):
            super().__init__()
            self.conv1, self.bn1 = convolution(3, widths[0], 3, 1), nn.BatchNorm2d(widths[0])
            before = widths[0]
            self.stages = []
            for number, width in enumerate(widths, 1):
                stage = [Block(before if b == 0 else width, width, 2 if number > 1 and b == 0 else 1, project) for b in range(blocks)]
                self.add_module(f"layer{number}", nn.Sequential(*stage))
                self.stages.append(f"layer{number}")
                before = width
            self.fc = nn.Linear(before, 10)

        def forward(self, x):
            x = self.bn1(self.conv1(x)).relu_()
            for stage in self.stages:
                x = getattr(self, stage)(x)
            return self.fc(x.mean((2, 3)))

    projecting = "layer4.0.conv1.weight" in inputs
    network = Network([64, 128, 256, 512], 2, True) if projecting else Network([16, 32, 64], 3, False)
    weights = {name: torch.from_numpy(inputs[name]) for name, _ in network.named_parameters()}
    network.load_state_dict(weights, strict=False)
    return network
