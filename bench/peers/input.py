"""A shuffled pass over a data set into the network's input: `folder` names a folder of image files (bytes of its path), `images` are in memory."""

BATCH = 128


def peers(inputs, threads, use):
    torch = use("torch")
    if torch and use("torchvision"):
        loader = loaded(torch, inputs, threads)
        yield f"torchvision, DataLoader with {threads} workers", lambda: one_pass(torch, loader)


def one_pass(torch, loader):
    labels = torch.cat([labels for images, labels in loader])
    return torch.bincount(labels).numpy()


def loaded(torch, inputs, workers):
    from torchvision import datasets, transforms

    side = inputs["images"].shape[1] if "images" in inputs else 64
    steps = [
        transforms.TrivialAugmentWide(),
        transforms.RandomCrop(side, 4, padding_mode="reflect"),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(inputs["mean"].tolist(), inputs["std"].tolist()),
    ]
    if "folder" in inputs:
        data = datasets.ImageFolder(inputs["folder"].tobytes().decode(), transforms.Compose(steps))
    else:
        data = InMemory(inputs["images"], inputs["labels"], transforms.Compose([transforms.ToPILImage(), *steps]))
    return torch.utils.data.DataLoader(data, BATCH, shuffle=True, num_workers=workers, persistent_workers=True)


class InMemory:
    def __init__(self, images, labels, transform):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(self.images[index]), int(self.labels[index])
