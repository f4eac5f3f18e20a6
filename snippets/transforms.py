"""What torchvision transforms do to pixels, sizes and labels, and when."""

# --8<-- [start:to-tensor-scaling]
import numpy as np
import torch
from PIL import Image
from torchvision import transforms as T

to_tensor = T.ToTensor()
image = Image.new("RGB", (4, 2), (255, 51, 0))
array = np.array(image)  # (H, W, C)
x = to_tensor(image)  # (C, H, W)
print("array:", array.shape, "tensor:", tuple(x.shape))
# > array: (2, 4, 3) tensor: (3, 2, 4)
print("first pixel of the array:", array[0, 0].tolist())
# > first pixel of the array: [255, 51, 0]
print("first pixel of the tensor:", [round(v, 2) for v in x[:, 0, 0].tolist()])
# > first pixel of the tensor: [1.0, 0.2, 0.0]
by_hand = torch.from_numpy(array).permute(2, 0, 1) / 255
print("same by hand:", torch.equal(x, by_hand))
# > same by hand: True

values = {"L": 255, "1": 1, "F": 255.0, "I": 70000, "I;16": 65535}
for mode, value in values.items():
    y = to_tensor(Image.new(mode, (1, 1), value))
    print(f"PIL mode {mode}: {value} -> {y.item()}", y.dtype)
# > PIL mode L: 255 -> 1.0 torch.float32
# > PIL mode 1: 1 -> 1.0 torch.float32
# > PIL mode F: 255.0 -> 255.0 torch.float32
# > PIL mode I: 70000 -> 70000 torch.int32
# > PIL mode I;16: 65535 -> -1 torch.int16
for dtype in ("uint8", "int32", "float32"):
    y = to_tensor(np.full((1, 1, 1), 255, dtype))
    print(f"array of {dtype}: 255 -> {y.item()}")
# > array of uint8: 255 -> 1.0
# > array of int32: 255 -> 255
# > array of float32: 255 -> 255.0
# --8<-- [end:to-tensor-scaling]

# --8<-- [start:to-tensor-scaling-v2]
import warnings

import torch
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import v2

image = Image.new("RGB", (4, 2), (255, 51, 0))
raw = v2.ToImage()(image)  # (C, H, W)
to_float = v2.ToDtype(torch.float32, scale=True)
print("ToImage:", type(raw).__name__, raw.dtype)
# > ToImage: Image torch.uint8
print("scale=True:", to_float(raw).max().item())
# > scale=True: 1.0
print("without:", v2.ToDtype(torch.float32)(raw).max().item())
# > without: 255.0
print("as ToTensor:", torch.allclose(to_float(raw), T.ToTensor()(image)))
# > as ToTensor: True

deep = v2.ToImage()(Image.new("I;16", (1, 1), 65535))
print("I;16:", deep.dtype, "->", to_float(deep).item())
# > I;16: torch.uint16 -> 1.0
bright = torch.full((3, 2, 4), 255.0)
print("float input:", to_float(bright).max().item())
# > float input: 255.0

try:
    T.ToTensor()(bright)
except TypeError as error:
    print(error)
# > pic should be PIL Image or ndarray. Got <class 'torch.Tensor'>
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    v2.ToTensor()
print(str(caught[0].message).split(" and")[0])
# > The transform `ToTensor()` is deprecated
# --8<-- [end:to-tensor-scaling-v2]

# --8<-- [start:to-tensor-scaling-back]
import torch
from torchvision import transforms as T

to_tensor, to_image = T.ToTensor(), T.ToPILImage()
levels = torch.arange(256, dtype=torch.uint8).view(1, 16, 16)  # (C, H, W)
image = to_image(levels)
again = to_image(to_tensor(image))
print("PIL:", image.mode, image.size)
# > PIL: L (16, 16)
print("all 256 levels survive:", again.tobytes() == image.tobytes())
# > all 256 levels survive: True

torch.manual_seed(0)
x = torch.rand(3, 64, 64)  # (C, H, W)
lost = (x - to_tensor(to_image(x))) * 255
print(f"floats lose {lost.min().abs():.1f} to {lost.max():.1f} levels")
# > floats lose 0.0 to 1.0 levels
# --8<-- [end:to-tensor-scaling-back]

# --8<-- [start:normalize]
import torch
from PIL import Image
from torchvision import transforms as T

torch.manual_seed(0)
x = torch.rand(3, 32, 32)  # (C, H, W)
mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
imagenet = T.Normalize(mean, std)
m = torch.tensor(mean).view(3, 1, 1)
s = torch.tensor(std).view(3, 1, 1)
print("same by hand:", torch.allclose(imagenet(x), (x - m) / s))
# > same by hand: True

half = T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
black, white = torch.zeros(3, 1, 1), torch.ones(3, 1, 1)
for name, step in {"half": half, "imagenet": imagenet}.items():
    low, high = step(black).min(), step(white).max()
    print(f"{name}: {low:.2f} to {high:.2f}")
# > half: -1.00 to 1.00
# > imagenet: -2.12 to 2.64

dark = torch.full((3, 32, 32), 0.1)
print(f"mean of a dark image: {half(dark).mean():.2f}")
# > mean of a dark image: -0.80
image = Image.new("RGB", (2, 2))
for wrong in (torch.zeros(3, 2, 2, dtype=torch.uint8), image):
    try:
        half(wrong)
    except TypeError as error:
        print(error)
# > Input tensor should be a float tensor. Got torch.uint8.
# > img should be Tensor Image. Got <class 'PIL.Image.Image'>
print("Normaliza exists:", hasattr(T, "Normaliza"))
# > Normaliza exists: False
# --8<-- [end:normalize]

# --8<-- [start:normalize-statistics]
import torch
from torch.utils.data import DataLoader
from torchvision import transforms as T

torch.manual_seed(0)
brightness = torch.linspace(0.2, 0.8, 40).view(40, 1, 1, 1)
images = brightness + 0.05 * torch.randn(40, 3, 16, 16)  # (N, C, H, W)

total, squares, count = torch.zeros(3), torch.zeros(3), 0
for batch in DataLoader(images, batch_size=7):
    total += batch.sum((0, 2, 3))
    squares += batch.square().sum((0, 2, 3))
    count += batch[:, 0].numel()
mean = total / count  # (C,)
std = (squares / count - mean**2).sqrt()  # (C,)
print("as in one go:", torch.allclose(std, images.std((0, 2, 3)), rtol=1e-3))
# > as in one go: True

averaged = images.std((2, 3)).mean(0)  # (C,)
print(f"std over all pixels: {std[0]:.2f}")
# > std over all pixels: 0.18
print(f"average of the std of each image: {averaged[0]:.2f}")
# > average of the std of each image: 0.05
z = T.Normalize(mean, std)(images)
print(f"data set, mean {z.mean().abs():.2f}, std {z.std():.2f}")
# > data set, mean 0.00, std 1.00
print(f"first image, mean {z[0].mean():.1f}, std {z[0].std():.1f}")
# > first image, mean -1.6, std 0.3
# --8<-- [end:normalize-statistics]

# --8<-- [start:normalize-undo]
import torch
from torchvision import transforms as T


def pixels(tensor):
    return T.PILToTensor()(T.ToPILImage()(tensor)).int()


torch.manual_seed(0)
x = torch.rand(3, 64, 64)  # (C, H, W)
mean = torch.tensor([0.485, 0.456, 0.406])
std = torch.tensor([0.229, 0.224, 0.225])
z = T.Normalize(mean, std)(x)  # (C, H, W)
undo = T.Normalize(-mean / std, 1 / std)
print("undone:", torch.allclose(undo(z), x, atol=1e-5))
# > undone: True

true = pixels(x)
right = (pixels(undo(z)) - true).abs()  # (C, H, W)
wrong = (pixels(z) - true).abs()  # (C, H, W)
print("undone first, at most one level off:", bool(right.max() <= 1))
# > undone first, at most one level off: True
share = (wrong > 20).float().mean()
print("not undone, most values over 20 levels off:", bool(share > 0.5))
# > not undone, most values over 20 levels off: True
# --8<-- [end:normalize-undo]

# --8<-- [start:normalize-figure]
import matplotlib.pyplot as plt
import torch
from torchvision import transforms as T

rows = torch.linspace(0, 1, 96).view(96, 1).expand(96, 128)
columns = torch.linspace(0, 1, 128).expand(96, 128)
x = torch.stack([columns, rows, 1 - columns])  # (C, H, W)
disc = (columns * 4 - 2) ** 2 + (rows * 3 - 1.5) ** 2 < 1
x[:, disc] = torch.tensor([[0.95], [0.8], [0.3]])
mean = torch.tensor([0.485, 0.456, 0.406])
std = torch.tensor([0.229, 0.224, 0.225])
z = T.Normalize(mean, std)(x)
panels = {
    "image": x,
    "ToPILImage\nof the normalised tensor": z,
    "undone first,\nthen ToPILImage": T.Normalize(-mean / std, 1 / std)(z),
}
fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.6), layout="tight")
for ax, (title, tensor) in zip(axes, panels.items(), strict=True):
    ax.imshow(T.ToPILImage()(tensor))
    ax.set_title(title, size=11)
    ax.axis("off")
plt.show()
# --8<-- [end:normalize-figure]

# --8<-- [start:resize-keeps-ratio]
import torch
from PIL import Image
from torchvision import transforms as T

image = Image.new("RGB", (400, 300))
steps = {
    "Resize(224)": T.Resize(224),
    "Resize((224, 224))": T.Resize((224, 224)),
    "Resize((100, 200))": T.Resize((100, 200)),
    "CenterCrop(224)": T.CenterCrop(224),
    "RandomCrop(224)": T.RandomCrop(224),
    "RandomResizedCrop(224)": T.RandomResizedCrop(224),
    "Pad(4)": T.Pad(4),
}
print("PIL image, width and height:", image.size)
# > PIL image, width and height: (400, 300)
for name, step in steps.items():
    print(f"{name}:", step(image).size)
# > Resize(224): (298, 224)
# > Resize((224, 224)): (224, 224)
# > Resize((100, 200)): (200, 100)
# > CenterCrop(224): (224, 224)
# > RandomCrop(224): (224, 224)
# > RandomResizedCrop(224): (224, 224)
# > Pad(4): (408, 308)
x = torch.zeros(3, 300, 400)  # (C, H, W)
print("tensor, Resize(224):", tuple(T.Resize(224)(x).shape))
# > tensor, Resize(224): (3, 224, 298)
try:
    T.Scale(224)
except AttributeError as error:
    print(error)
# > module 'torchvision.transforms' has no attribute 'Scale'
# --8<-- [end:resize-keeps-ratio]

# --8<-- [start:resize-keeps-ratio-crops]
import torch
from torchvision import transforms as T

torch.manual_seed(0)
x = torch.ones(3, 300, 400)  # (C, H, W)
padded = T.CenterCrop(500)(x)
print("CenterCrop(500):", tuple(padded.shape))
# > CenterCrop(500): (3, 500, 500)
print("zeros around it:", int((padded[0] == 0).sum()) == 500**2 - 300 * 400)
# > zeros around it: True
try:
    T.RandomCrop(500)(x)
except ValueError as error:
    print(error)
# > Required crop size (500, 500) is larger than input image size (300, 400)
filled = T.RandomCrop(500, pad_if_needed=True)(x)
print("pad_if_needed:", tuple(filled.shape))
# > pad_if_needed: (3, 500, 500)

line = torch.tensor([[[1, 2, 3]]])  # (1, 1, 3)
for mode in ("constant", "edge", "reflect"):
    print(mode, T.Pad((2, 0), padding_mode=mode)(line).flatten().tolist())
# > constant [0, 0, 1, 2, 3, 0, 0]
# > edge [1, 1, 1, 2, 3, 3, 3]
# > reflect [3, 2, 1, 2, 3, 2, 1]

crop = T.RandomResizedCrop(224)
boxes = [crop.get_params(x, crop.scale, crop.ratio) for _ in range(1000)]
areas = [h * w / (300 * 400) for _, _, h, w in boxes]
ratios = [w / h for _, _, h, w in boxes]
print(f"share of the image: {min(areas):.2f} to {max(areas):.1f}")
# > share of the image: 0.08 to 1.0
print("narrowest about 3:4:", 0.73 < min(ratios) < 0.78)
# > narrowest about 3:4: True
print("widest about 4:3:", 1.3 < max(ratios) < 1.36)
# > widest about 4:3: True
# --8<-- [end:resize-keeps-ratio-crops]

# --8<-- [start:compose-transforms]
import torch
from torch import nn
from torchvision import transforms as T

torch.manual_seed(0)
image = T.ToPILImage()(torch.rand(3, 300, 400))
half = T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
steps = [T.Resize(224), T.CenterCrop(224), T.ToTensor(), half]
pipeline = T.Compose(steps)
value = image
for step in steps:
    value = step(value)
    size = value.shape if torch.is_tensor(value) else value.size
    print(f"{type(step).__name__}: {type(value).__name__}", tuple(size))
# > Resize: Image (298, 224)
# > CenterCrop: Image (224, 224)
# > ToTensor: Tensor (3, 224, 224)
# > Normalize: Tensor (3, 224, 224)
print("same as the pipeline:", torch.equal(value, pipeline(image)))
# > same as the pipeline: True
print("within -1 and 1:", bool((value.abs() <= 1).all()))
# > within -1 and 1: True

print("Compose is a Module:", isinstance(pipeline, nn.Module))
# > Compose is a Module: False
print("Resize is a Module:", isinstance(T.Resize(224), nn.Module))
# > Resize is a Module: True
try:
    nn.Sequential(T.ToTensor())
except TypeError as error:
    print(error)
# > torchvision.transforms.transforms.ToTensor is not a Module subclass
chain = nn.Sequential(T.Resize(224), T.CenterCrop(224), half)
print("Sequential:", tuple(chain(torch.rand(8, 3, 300, 400)).shape))
# > Sequential: (8, 3, 224, 224)
# --8<-- [end:compose-transforms]

# --8<-- [start:compose-transforms-order]
import torch
from PIL import Image
from torchvision import transforms as T

half = T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
steps = [T.Resize(64), T.CenterCrop(64), T.ToTensor(), half]
gray = Image.new("L", (400, 300))
try:
    T.Compose(steps)(gray)
except RuntimeError as error:
    print(error)
# > output with shape [1, 64, 64] doesn't match the broadcast shape [3, 64, 64]
print("made RGB:", tuple(T.Compose([T.Grayscale(3), *steps])(gray).shape))
# > made RGB: (3, 64, 64)
try:
    T.Compose([half, T.ToTensor()])(Image.new("RGB", (8, 8)))
except TypeError as error:
    print(error)
# > img should be Tensor Image. Got <class 'PIL.Image.Image'>

torch.manual_seed(0)
x = torch.rand(3, 64, 64)  # (C, H, W)
jitter = T.ColorJitter(brightness=0.3)
print(f"jitter, normalise: lowest {half(jitter(x)).min():.1f}")
# > jitter, normalise: lowest -1.0
print(f"normalise, jitter: lowest {jitter(half(x)).min():.1f}")
# > normalise, jitter: lowest 0.0

place = torch.linspace(0, 1, 400).expand(3, 300, 400)  # (C, H, W)
resize, crop = T.Resize(224), T.CenterCrop(224)
for first, second in ((resize, crop), (crop, resize)):
    seen = second(first(place))
    names = f"{type(first).__name__}, {type(second).__name__}"
    print(f"{names}: {seen.min():.2f} to {seen.max():.2f} of the width")
# > Resize, CenterCrop: 0.12 to 0.88 of the width
# > CenterCrop, Resize: 0.22 to 0.78 of the width
# --8<-- [end:compose-transforms-order]

# --8<-- [start:compose-transforms-random]
import random

import torch
from torchvision import transforms as T

crop, flip = T.RandomResizedCrop(32), T.RandomHorizontalFlip()
augment = T.Compose([crop, flip, T.ColorJitter(0.4, 0.4)])
torch.manual_seed(1)
x = torch.rand(3, 64, 64)  # (C, H, W)
torch.manual_seed(0)
first, second = augment(x), augment(x)
torch.manual_seed(0)
print("two calls agree:", torch.equal(first, second))
# > two calls agree: False
print("same seed, same draw:", torch.equal(first, augment(x)))
# > same seed, same draw: True

four = augment(x.expand(4, 3, 64, 64))  # (4, 3, 32, 32)
print("a batch shares one draw:", all(torch.equal(y, four[0]) for y in four))
# > a batch shares one draw: True
each = [augment(x) for _ in range(4)]
print("one by one:", all(torch.equal(y, each[0]) for y in each))
# > one by one: False

before = random.getstate()
augment(x)
print("Python's random, augment:", random.getstate() != before)
# > Python's random, augment: False
T.RandomChoice([flip, crop])(x)
print("Python's random, RandomChoice:", random.getstate() != before)
# > Python's random, RandomChoice: True
# --8<-- [end:compose-transforms-random]

# --8<-- [start:compose-transforms-figure]
import matplotlib.pyplot as plt
import torch
from torchvision import transforms as T

torch.manual_seed(5)
rows = torch.arange(120).view(120, 1).expand(120, 160)
columns = torch.arange(160).expand(120, 160)
red, green = columns / 160, rows / 120
image = torch.stack([red, green, torch.full((120, 160), 0.6)])  # (C, H, W)
disc = (rows - 66) ** 2 + (columns - 50) ** 2 < 34**2
image[:, disc] = torch.tensor([[1.0], [0.85], [0.2]])
image[:, 15:55, 105:145] = torch.tensor([0.1, 0.3, 0.8]).view(3, 1, 1)
crop = T.RandomResizedCrop(80)
panels = {
    "image": image,
    "Resize(80)": T.Resize(80)(image),
    "Resize((80, 80))": T.Resize((80, 80))(image),
    "CenterCrop(80)": T.CenterCrop(80)(image),
    "Pad(10)": T.Pad(10)(image),
    "RandomRotation": T.RandomRotation(30)(image),
    "RandomErasing": T.RandomErasing(1)(image),
    "ColorJitter": T.ColorJitter(0.4, 0.4, 0.4, 0.2)(image),
}
draws = ("RandomResizedCrop", "second draw", "third draw", "fourth draw")
panels |= {draw: crop(image) for draw in draws}
fig, axes = plt.subplots(3, 4, figsize=(7.2, 5), layout="tight")
for ax, (title, picture) in zip(axes.flat, panels.items(), strict=True):
    height, width = picture.shape[1:]
    middle = (-width / 2, width / 2, height / 2, -height / 2)
    ax.imshow(picture.clamp(0, 1).permute(1, 2, 0).numpy(), extent=middle)
    ax.set(xlim=(-90, 90), ylim=(70, -70))
    ax.set_title(title, size=11)
    ax.axis("off")
plt.show()
# --8<-- [end:compose-transforms-figure]

# --8<-- [start:image-folder]
import tempfile
from pathlib import Path

from PIL import Image
from torch.utils import data
from torchvision import datasets

folder = tempfile.TemporaryDirectory()
root = Path(folder.name)
modes = {"dog/1.png": "L", "cat/2.png": "RGBA", "cat/old/3.png": "RGB"}
for name, mode in modes.items():
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (4, 2)).save(root / name)
Image.new("RGB", (4, 2)).save(root / "4.png")

dataset = datasets.ImageFolder(root)
print("classes:", dataset.class_to_idx)
# > classes: {'cat': 0, 'dog': 1}
print("images:", len(dataset))
# > images: 3
for (path, label), (image, _) in zip(dataset.samples, dataset, strict=True):
    name = Path(path).relative_to(root).as_posix()
    print(f"{label} {name}: {modes[name]} -> {image.mode}")
# > 0 cat/2.png: RGBA -> RGB
# > 0 cat/old/3.png: RGB -> RGB
# > 1 dog/1.png: L -> RGB

print("is a Dataset:", isinstance(dataset, data.Dataset))
# > is a Dataset: True
print("in torch.utils.data:", hasattr(data, "ImageFolder"))
# > in torch.utils.data: False
print("in Dataset:", hasattr(data.Dataset, "ImageFolder"))
# > in Dataset: False
folder.cleanup()
# --8<-- [end:image-folder]

# --8<-- [start:image-folder-arguments]
import tempfile
from pathlib import Path

from PIL import Image
from torchvision.datasets import ImageFolder

folder = tempfile.TemporaryDirectory()
root = Path(folder.name)
for name in ("cat/1.png", "cat/2.png", "dog/3.png"):
    (root / name).parent.mkdir(exist_ok=True)
    Image.new("RGB", (4, 2)).save(root / name)

dataset = ImageFolder(
    root,
    loader=lambda path: Path(path).name,
    transform=str.upper,
    target_transform=lambda label: label + 100,
    is_valid_file=lambda path: not path.endswith("2.png"),
)
print(list(dataset))
# > [('1.PNG', 100), ('3.PNG', 101)]

(root / "bird").mkdir()
try:
    ImageFolder(root)
except FileNotFoundError as error:
    print(str(error).split(".")[0])
# > Found no valid file for the classes bird
print(ImageFolder(root, allow_empty=True).class_to_idx)
# > {'bird': 0, 'cat': 1, 'dog': 2}
try:
    ImageFolder(root / "dog")
except FileNotFoundError as error:
    print(str(error).split(" in ")[0])
# > Couldn't find any class folder
folder.cleanup()
# --8<-- [end:image-folder-arguments]

# --8<-- [start:image-folder-split]
import tempfile
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Subset
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

torch.manual_seed(0)
folder = tempfile.TemporaryDirectory()
for index in range(10):
    path = Path(folder.name, f"{index % 2}", f"{index}.png")
    path.parent.mkdir(exist_ok=True)
    T.ToPILImage()(torch.rand(3, 50, 60 + index)).save(path)

augment = T.Compose([T.RandomResizedCrop(32), T.ToTensor()])
plain = T.Compose([T.Resize(32), T.CenterCrop(32), T.ToTensor()])
order = torch.randperm(10).tolist()
train = Subset(ImageFolder(folder.name, augment), order[:6])
test = Subset(ImageFolder(folder.name, plain), order[6:])
images, labels = next(iter(DataLoader(train, batch_size=6)))
print("batch:", tuple(images.shape), tuple(labels.shape))
# > batch: (6, 3, 32, 32) (6,)
print("train repeats itself:", torch.equal(train[0][0], train[0][0]))
# > train repeats itself: False
print("test repeats itself:", torch.equal(test[0][0], test[0][0]))
# > test repeats itself: True
try:
    next(iter(DataLoader(ImageFolder(folder.name), batch_size=6)))
except TypeError as error:
    print(str(error).split(",")[0])
# > default_collate: batch must contain tensors
folder.cleanup()
# --8<-- [end:image-folder-split]

# --8<-- [start:image-folder-others]
import inspect
import tempfile

from torch.utils.data import Dataset
from torchvision import datasets

print("name, is a Dataset, can download")
# > name, is a Dataset, can download
for name in ("MNIST", "CIFAR10", "CIFAR100", "ImageNet", "CocoDetection"):
    kind = getattr(datasets, name)
    arguments = inspect.signature(kind).parameters
    print(f"{name}:", issubclass(kind, Dataset), "download" in arguments)
# > MNIST: True True
# > CIFAR10: True True
# > CIFAR100: True True
# > ImageNet: True False
# > CocoDetection: True False

with tempfile.TemporaryDirectory() as folder:
    try:
        datasets.MNIST(folder)
    except RuntimeError as error:
        print("MNIST:", error)
    try:
        datasets.ImageNet(folder)
    except (RuntimeError, ModuleNotFoundError):
        print("ImageNet raises too")
# > MNIST: Dataset not found. You can use download=True to download it
# > ImageNet raises too

fake = datasets.FakeData(size=8, image_size=(3, 32, 48))
print("FakeData:", len(fake), fake[0][0].mode, fake[0][0].size)
# > FakeData: 8 RGB (48, 32)
# --8<-- [end:image-folder-others]

# --8<-- [start:transforms-on-tensors]
import torch
from torchvision import transforms as T
from torchvision.transforms import v2


def gap(step):
    torch.manual_seed(0)
    from_image = to_tensor(step(image)).int()
    torch.manual_seed(0)
    return (from_image - step(x).int()).abs().max().item()


to_tensor = T.PILToTensor()
torch.manual_seed(1)
x = torch.randint(256, (3, 30, 40), dtype=torch.uint8)  # (C, H, W)
image = T.ToPILImage()(x)
flip = T.RandomVerticalFlip(1)
for step in (T.CenterCrop(20), T.RandomCrop(20), T.Pad(4), flip):
    print(f"{type(step).__name__}, equal:", gap(step) == 0)
# > CenterCrop, equal: True
# > RandomCrop, equal: True
# > Pad, equal: True
# > RandomVerticalFlip, equal: True
close = (T.Resize(15), T.RandomResizedCrop(20), T.ColorJitter(0.4, 0.4))
for step in close:
    print(f"{type(step).__name__}, within 5 levels:", gap(step) <= 5)
# > Resize, within 5 levels: True
# > RandomResizedCrop, within 5 levels: True
# > ColorJitter, within 5 levels: True
video = torch.rand(2, 8, 3, 30, 40)  # (N, frames, C, H, W)
print("CenterCrop, five axes:", tuple(T.CenterCrop(20)(video).shape))
# > CenterCrop, five axes: (2, 8, 3, 20, 20)
try:
    T.Resize(15)(video)
except ValueError:
    print("Resize, five axes: ValueError")
# > Resize, five axes: ValueError
print("v2.Resize, five axes:", tuple(v2.Resize(15)(video).shape))
# > v2.Resize, five axes: (2, 8, 3, 15, 20)
# --8<-- [end:transforms-on-tensors]

# --8<-- [start:transforms-on-tensors-v2]
import torch
from torchvision import transforms as T
from torchvision import tv_tensors
from torchvision.transforms import v2

mask = tv_tensors.Mask(torch.zeros(6, 10, dtype=torch.uint8))  # (H, W)
mask[1:3, 1:4] = 1
image = tv_tensors.Image(mask.expand(3, 6, 10) * 255)  # (C, H, W)
corners = {"format": "XYXY", "canvas_size": (6, 10)}
boxes = tv_tensors.BoundingBoxes([[1, 1, 4, 3]], **corners)
for step in (v2.RandomHorizontalFlip(1), v2.Resize((12, 30))):
    picture, box, area, label = step(image, boxes, mask, 7)
    print(type(step).__name__, tuple(picture.shape), box.tolist(), label)
    blended = len(picture.unique()) > 2
    print("image blended:", blended, "mask:", area.unique().tolist())
# > RandomHorizontalFlip (3, 6, 10) [[6, 1, 9, 3]] 7
# > image blended: False mask: [0, 1]
# > Resize (3, 12, 30) [[3, 2, 12, 6]] 7
# > image blended: True mask: [0, 1]

half = v2.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
prepare = v2.Compose([v2.ToDtype(torch.float32, scale=True), half])
picture, area = prepare(image, mask)
print("prepared:", picture.dtype, area.dtype, area.unique().tolist())
# > prepared: torch.float32 torch.uint8 [0, 1]

torch.manual_seed(0)
old, new = T.RandomHorizontalFlip(), v2.RandomHorizontalFlip()
each = [(old(image), old(mask)) for _ in range(50)]
both = [new(image, mask) for _ in range(50)]
print("v1, always fit:", all(torch.equal(a[0], b * 255) for a, b in each))
# > v1, always fit: False
print("v2, always fit:", all(torch.equal(a[0], b * 255) for a, b in both))
# > v2, always fit: True
# --8<-- [end:transforms-on-tensors-v2]

# --8<-- [start:transforms-on-tensors-figure]
import matplotlib.pyplot as plt
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

rows = torch.arange(90).view(90, 1).expand(90, 120)
columns = torch.arange(120).expand(90, 120)
disc = (rows - 40) ** 2 + (columns - 35) ** 2 < 22**2
picture = torch.stack([columns / 240, rows / 180, 0.5 + 0 * rows])
picture[:, disc] = torch.tensor([[0.9], [0.75], [0.3]])
image, mask = tv_tensors.Image(picture), tv_tensors.Mask(disc)
corners = {"format": "XYXY", "canvas_size": (90, 120)}
boxes = tv_tensors.BoundingBoxes([[13, 18, 57, 62]], **corners)
crop = v2.RandomResizedCrop((90, 120), (0.5, 1))
step = v2.Compose([v2.RandomHorizontalFlip(), crop])
torch.manual_seed(3)
panels = {
    "image, box and mask": (image, boxes, mask),
    "one call for all": step(image, boxes, mask),
    "one call each": (step(image), step(boxes), step(mask)),
}
fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.6), layout="tight")
for ax, (title, parts) in zip(axes, panels.items(), strict=True):
    ax.imshow(parts[0].clamp(0, 1).permute(1, 2, 0).numpy())
    ax.autoscale(False)
    left, top, right, bottom = parts[1][0].tolist()
    size = (right - left, bottom - top)
    ax.add_patch(plt.Rectangle((left, top), *size, fill=False, ec="C5", lw=2))
    ax.contour(parts[2].float().numpy(), levels=[0.5], colors="C0")
    ax.set_title(title, size=11)
    ax.axis("off")
plt.show()
# --8<-- [end:transforms-on-tensors-figure]

# --8<-- [start:transforms-on-tensors-plain]
import torch
from torchvision import transforms as T
from torchvision import tv_tensors
from torchvision.transforms import v2

flip = v2.RandomHorizontalFlip(1)
x = torch.arange(3).view(1, 1, 3)  # (C, H, W)
first, second = flip(x, x)
print("two plain tensors:", first.tolist(), second.tolist())
# > two plain tensors: [[[2, 1, 0]]] [[[0, 1, 2]]]
image = tv_tensors.Image(x)
first, second = flip(image, x)
print("Image and plain:", first.tolist(), second.tolist())
# > Image and plain: [[[2, 1, 0]]] [[[0, 1, 2]]]
sample = flip({"image": image, "label": 7, "name": "a.png"})
print("dictionary:", type(sample["image"]).__name__, sample["label"])
# > dictionary: Image 7

print("image + 1:", type(image + 1).__name__)
# > image + 1: Tensor
kept = tv_tensors.wrap(image + 1, like=image)
print("wrapped again:", type(kept).__name__)
# > wrapped again: Image
names = [name for name in dir(T) if name[0].isupper()]
print("v1 names that v2 lacks:", [n for n in names if not hasattr(v2, n)])
# > v1 names that v2 lacks: []
# --8<-- [end:transforms-on-tensors-plain]

# --8<-- [start:transforms-on-tensors-parts]
import importlib

parts = {
    "models": "resnet18",
    "datasets": "ImageFolder",
    "transforms": "Resize",
    "io": "ImageReadMode",
    "ops": "nms",
    "utils": "make_grid",
    "tv_tensors": "BoundingBoxes",
}
for part, name in parts.items():
    module = importlib.import_module(f"torchvision.{part}")
    print(f"torchvision.{part} has {name}:", hasattr(module, name))
# > torchvision.models has resnet18: True
# > torchvision.datasets has ImageFolder: True
# > torchvision.transforms has Resize: True
# > torchvision.io has ImageReadMode: True
# > torchvision.ops has nms: True
# > torchvision.utils has make_grid: True
# > torchvision.tv_tensors has BoundingBoxes: True
try:
    importlib.import_module("torchvision.dataset")
except ModuleNotFoundError as error:
    print(error)
# > No module named 'torchvision.dataset'
# --8<-- [end:transforms-on-tensors-parts]
