"""What loading pretrained weights does, and what a model has inside."""

# --8<-- [start:load-pretrained]
import contextlib
import io
import tempfile

import torch
from torchvision import models


def fetch(url, file, hash_prefix, progress):
    made_up = {n: torch.tensor(0.5).expand(t.shape) for n, t in state.items()}
    torch.save(made_up, file)


with torch.device("meta"):
    state = models.resnet18().state_dict()
torch.hub.download_url_to_file = fetch
weights = models.ResNet18_Weights.DEFAULT
try:
    models.resnet18(weight=weights)
except TypeError as error:
    print(error)
# > ResNet.__init__() got an unexpected keyword argument 'weight'
with tempfile.TemporaryDirectory() as folder:
    torch.hub.set_dir(folder)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        model = models.resnet18(weights=weights)
print(said.getvalue().partition(" to ")[0])
# > Downloading: "https://download.pytorch.org/models/resnet18-f37072fd.pth"
loaded = all(bool(p.eq(0.5).all()) for p in model.parameters())
print("all from the file:", loaded, "| train mode:", model.training)
# > all from the file: True | train mode: True
# --8<-- [end:load-pretrained]

# --8<-- [start:load-pretrained-names]
from torchvision import models

weights = models.ResNet18_Weights.DEFAULT
named = models.get_weight("ResNet18_Weights.DEFAULT")
print("DEFAULT is", weights.name, "| by name the same:", named is weights)
# > DEFAULT is IMAGENET1K_V1 | by name the same: True
print("resnet50:", [entry.name for entry in models.ResNet50_Weights])
# > resnet50: ['IMAGENET1K_V1', 'IMAGENET1K_V2']
print("DEFAULT of resnet50:", models.ResNet50_Weights.DEFAULT.name)
# > DEFAULT of resnet50: IMAGENET1K_V2
print("outputs 0 and 1:", weights.meta["categories"][:2])
# > outputs 0 and 1: ['tench', 'goldfish']

print(models.list_models(include="resnet*"))
# > ['resnet101', 'resnet152', 'resnet18', 'resnet34', 'resnet50']
for name in ("alexnet", "vgg16", "inception_v3"):
    print(name, "offers", models.get_model_weights(name).DEFAULT.name)
# > alexnet offers IMAGENET1K_V1
# > vgg16 offers IMAGENET1K_V1
# > inception_v3 offers IMAGENET1K_V1
every = [models.get_model_weights(name) for name in models.list_models()]
print("all names offer weights:", all(len(enum) > 0 for enum in every))
# > all names offer weights: True
try:
    models.get_model("resnet18", weights=models.ResNet50_Weights.DEFAULT)
except TypeError as error:
    print(str(error).partition("; ")[2])
# > expected ResNet18_Weights but received ResNet50_Weights.
# --8<-- [end:load-pretrained-names]

# --8<-- [start:load-pretrained-transforms]
import torch
from torchvision import models, transforms
from torchvision.transforms.functional import to_pil_image

torch.manual_seed(0)
weights = models.ResNet18_Weights.DEFAULT
preprocess = weights.transforms()
print("resize", preprocess.resize_size, "crop", preprocess.crop_size)
# > resize [256] crop [224]
print("mean", preprocess.mean, "std", preprocess.std)
# > mean [0.485, 0.456, 0.406] std [0.229, 0.224, 0.225]
pixels = torch.randint(256, (3, 300, 400), dtype=torch.uint8)  # (C, H, W)
image = to_pil_image(pixels)
batch = preprocess(image).unsqueeze(0)  # (1, 3, 224, 224)
print("PIL", image.size, "->", batch.dtype, tuple(batch.shape))
# > PIL (400, 300) -> torch.float32 (1, 3, 224, 224)


def by_hand(size, mean, std):
    crop = [transforms.Resize(size), transforms.CenterCrop(224)]
    steps = [*crop, transforms.ToTensor(), transforms.Normalize(mean, std)]
    return transforms.Compose(steps)(image).unsqueeze(0)


same = by_hand(256, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
print("the same by hand:", torch.allclose(batch, same))
# > the same by hand: True
other = by_hand(224, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
print("another recipe, same shape:", other.shape == batch.shape)
# > another recipe, same shape: True
print("another recipe, same numbers:", torch.allclose(batch, other))
# > another recipe, same numbers: False

for name in ("IMAGENET1K_V1", "IMAGENET1K_V2"):
    steps = models.ResNet50_Weights[name].transforms()
    print("resnet50", name, "resize", steps.resize_size)
# > resnet50 IMAGENET1K_V1 resize [256]
# > resnet50 IMAGENET1K_V2 resize [232]
# --8<-- [end:load-pretrained-transforms]

# --8<-- [start:what-pretrained-means]
import io
import tempfile
import textwrap
import warnings
from contextlib import redirect_stdout, suppress

import torch
from torchvision.models import vgg16


def fetch(url, file, hash_prefix, progress):
    raise ConnectionError


def build(**options):
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, torch.device("meta"):
        torch.hub.set_dir(folder)
        with redirect_stdout(said), suppress(ConnectionError):
            vgg16(**options)
    return said.getvalue().partition(" to ")[0] or "no download"


torch.hub.download_url_to_file = fetch
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old_way = build(pretrained=True), build(pretrained=False)
print(old_way[0])
# > Downloading: "https://download.pytorch.org/models/vgg16-397923af.pth"
print("pretrained=False:", old_way[1])
# > pretrained=False: no download
print("weights=None:", build(weights=None))
# > weights=None: no download
print(textwrap.fill(str(caught[0].message), 70))
# > The parameter 'pretrained' is deprecated since 0.13 and may be removed
# > in the future, please use 'weights' instead.
for warning in caught[1::2]:
    print("it means", str(warning.message).split("`")[3])
# > it means weights=VGG16_Weights.IMAGENET1K_V1
# > it means weights=None
# --8<-- [end:what-pretrained-means]

# --8<-- [start:what-pretrained-means-cache]
import hashlib
import pickle
import tempfile
from pathlib import Path

import torch
from torchvision.models import ResNet18_Weights, resnet18


torch.hub.download_url_to_file = None
with torch.device("meta"):
    state = resnet18().state_dict()
made_up = {n: torch.tensor(0.5).expand(t.shape) for n, t in state.items()}
weights = ResNet18_Weights.DEFAULT
with tempfile.TemporaryDirectory() as folder:
    torch.hub.set_dir(folder)
    path = Path(folder, "checkpoints", Path(weights.url).name)
    path.parent.mkdir()
    torch.save(made_up, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    model = resnet18(weights=weights)
    path.write_text("<html>the login page of a hotel</html>")
    try:
        resnet18(weights=weights)
    except pickle.UnpicklingError as error:
        print("broken file:", error)
# > broken file: invalid load key, '<'.
print("file:", path.name)
# > file: resnet18-f37072fd.pth
print("loaded without network:", bool(model.fc.weight.eq(0.5).all()))
# > loaded without network: True
print("contents match that hash:", digest.startswith("f37072fd"))
# > contents match that hash: False

first, second = resnet18(weights=None), resnet18(weights=None)
print("weights=None twice, equal:", first.fc.weight.equal(second.fc.weight))
# > weights=None twice, equal: False
# --8<-- [end:what-pretrained-means-cache]

# --8<-- [start:what-pretrained-means-hash]
import contextlib
import hashlib
import io
import tempfile
from pathlib import Path

import torch


def load(name):
    source = Path(folder, name)
    source.write_bytes(content.getvalue())
    with contextlib.redirect_stdout(io.StringIO()) as said:
        torch.hub.load_state_dict_from_url(
            source.as_uri(), f"{folder}/cache", progress=False, check_hash=True
        )
    return said.getvalue().partition(":")[0] or "no download"


content = io.BytesIO()
torch.save({"weight": torch.ones(2)}, content)
digest = hashlib.sha256(content.getvalue()).hexdigest()
with tempfile.TemporaryDirectory() as folder:
    print("right hash:", load(f"net-{digest[:8]}.pth"))
    print("once more:", load(f"net-{digest[:8]}.pth"))
    try:
        load("net-00000000.pth")
    except RuntimeError as error:
        print("wrong hash:", str(error).partition(",")[0])
    print("files kept:", len(list(Path(folder, "cache").iterdir())))
# > right hash: Downloading
# > once more: no download
# > wrong hash: invalid hash value (expected "00000000"
# > files kept: 1
# --8<-- [end:what-pretrained-means-hash]

# --8<-- [start:look-inside-a-model]
import torch
from torchvision.models import vgg16, vgg16_bn

with torch.device("meta"):
    model, other = vgg16(), vgg16_bn()
print("children:", [name for name, _ in model.named_children()])
# > children: ['features', 'avgpool', 'classifier']
print("_modules is a", type(model._modules).__name__)
# > _modules is a dict
try:
    model._modules["feature"]
except KeyError as error:
    print("KeyError:", error)
# > KeyError: 'feature'
try:
    model.feature
except AttributeError as error:
    print("AttributeError:", error)
# > AttributeError: 'VGG' object has no attribute 'feature'
print("same object:", model.features is model._modules["features"])
# > same object: True

features = model.features
print(type(features).__name__, "of", len(features), "layers")
# > Sequential of 31 layers
for index, layer in enumerate(features[:4]):
    print(index, layer)
# > 0 Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
# > 1 ReLU(inplace=True)
# > 2 Conv2d(64, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
# > 3 ReLU(inplace=True)
print("by path:", model.get_submodule("features.2") is features[2])
# > by path: True
print("vgg16_bn has at 2:", other.features[2])
# > vgg16_bn has at 2: ReLU(inplace=True)
convs = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
print("convolutions:", len(convs), "| the second:", convs[1] is features[2])
# > convolutions: 13 | the second: True
# --8<-- [end:look-inside-a-model]

# --8<-- [start:look-inside-a-model-parameters]
import torch
from torchvision.models import resnet18, vgg16

with torch.device("meta"):
    model, other = vgg16(), resnet18()
numbers = sum(p.numel() for p in model.parameters())
print(len(list(model.parameters())), "tensors,", f"{numbers:,} numbers")
# > 32 tensors, 138,357,544 numbers
for name, child in model.named_children():
    print(f"{name}: {sum(p.numel() for p in child.parameters()):,}")
# > features: 14,714,688
# > avgpool: 0
# > classifier: 123,642,856

for index in (0, 1, 4):
    layer = model.features[index]
    own = {name: tuple(p.shape) for name, p in layer.named_parameters()}
    print(type(layer).__name__, own)
# > Conv2d {'weight': (64, 3, 3, 3), 'bias': (64,)}
# > ReLU {}
# > MaxPool2d {}
print("type:", type(model.features[0].weight).__name__)
# > type: Parameter
print("pool has a weight:", hasattr(model.features[4], "weight"))
# > pool has a weight: False
print("resnet18.conv1.bias:", other.conv1.bias)
# > resnet18.conv1.bias: None
print("its parameters:", [name for name, _ in other.conv1.named_parameters()])
# > its parameters: ['weight']

tensors = len(list(other.parameters()))
entries = len(other.state_dict())
print("resnet18:", tensors, "parameters,", entries, "entries in the state")
# > resnet18: 62 parameters, 122 entries in the state
# --8<-- [end:look-inside-a-model-parameters]

# --8<-- [start:look-inside-a-model-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torchvision.models import vgg16


def record(layer, inputs, output):
    parameters.append(sum(p.numel() for p in layer.parameters()) / 1e6)
    outputs.append(output.numel() / 1e6)


parameters, outputs = [], []
with torch.device("meta"):
    model = vgg16().eval()
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(record)
    model(torch.rand(1, 3, 224, 224))
places, colors = range(1, 17), ["C0"] * 13 + ["C1"] * 3
texts = ["", "{:.1f}", "{:.0f}"]
fig, axes = plt.subplots(2, 1, figsize=(7.2, 4.6), sharex=True, layout="tight")
for ax, numbers in zip(axes, (parameters, outputs), strict=True):
    bars = ax.bar(places, numbers, color=colors)
    labels = [texts[(n > 0.09) + (n > 10)].format(n) for n in numbers]
    ax.bar_label(bars, labels, padding=2)
    ax.margins(y=0.15)
axes[0].set(title="parameters, in millions")
axes[1].set(title="numbers put out for one image, in millions")
axes[1].set(xticks=places, xlabel="layer: 13 convolutions, 3 linear layers")
plt.show()
# --8<-- [end:look-inside-a-model-figure]

# --8<-- [start:look-inside-a-model-outputs]
import torch
from torchvision.models import resnet18
from torchvision.models.feature_extraction import create_feature_extractor

torch.manual_seed(0)
model = resnet18().eval().requires_grad_(False)
images = torch.rand(1, 3, 64, 64)  # (N, C, H, W)
seen, copies = {}, {}


def remember(layer, inputs, output):
    seen[layer], copies[layer] = output, output.clone()


with (
    model.bn1.register_forward_hook(remember),
    model.layer2.register_forward_hook(remember),
):
    model(images)
extract = create_feature_extractor(model, ["bn1", "layer2"])
found = extract(images)
print({name: tuple(output.shape) for name, output in found.items()})
# > {'bn1': (1, 64, 32, 32), 'layer2': (1, 128, 8, 8)}
print("hook and extractor agree:", seen[model.layer2].equal(found["layer2"]))
# > hook and extractor agree: True
print("extractor has layer3:", hasattr(extract, "layer3"))
# > extractor has layer3: False
print("same weights:", extract.conv1.weight is model.conv1.weight)
# > same weights: True

print("negatives in bn1, copied:", bool(copies[model.bn1].min() < 0))
# > negatives in bn1, copied: True
print("negatives in bn1, hook:", bool(seen[model.bn1].min() < 0))
# > negatives in bn1, hook: False
print("negatives in bn1, extractor:", bool(found["bn1"].min() < 0))
# > negatives in bn1, extractor: False
# --8<-- [end:look-inside-a-model-outputs]

# --8<-- [start:small-images]
import torch
from torch import nn
from torchvision.models import resnet18


def layer4_of(count, size):
    sizes = []
    hook = model.layer4.register_forward_hook(
        lambda layer, inputs, output: sizes.append(tuple(output.shape))
    )
    with hook:
        model(torch.rand(count, 3, size, size, device="meta"))
    return sizes[0]


with torch.device("meta"):
    model = resnet18()
try:
    layer4_of(count=1, size=32)
except ValueError as error:
    print("\n".join(str(error).split(", ", 1)))
# > Expected more than 1 value per channel when training
# > got input size torch.Size([1, 512, 1, 1])
print("1 image, 33 x 33:", layer4_of(count=1, size=33))
# > 1 image, 33 x 33: (1, 512, 2, 2)
print("1 image, 64 x 64:", layer4_of(count=1, size=64))
# > 1 image, 64 x 64: (1, 512, 2, 2)
print("2 images, 32 x 32:", layer4_of(count=2, size=32))
# > 2 images, 32 x 32: (2, 512, 1, 1)
model.eval()
print("eval, 1 image, 32 x 32:", layer4_of(count=1, size=32))
# > eval, 1 image, 32 x 32: (1, 512, 1, 1)

model.train()
model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False, device="meta")
model.maxpool = nn.Identity()
print("other stem, 1 image, 32 x 32:", layer4_of(count=1, size=32))
# > other stem, 1 image, 32 x 32: (1, 512, 4, 4)
# --8<-- [end:small-images]

# --8<-- [start:small-images-figure]
import matplotlib.pyplot as plt
import torch
from torchvision.models import resnet18

stages = ["conv1", "maxpool", "layer1", "layer2", "layer3", "layer4"]
fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
with torch.device("meta"):
    model = resnet18().eval()
    for name in stages:
        model.get_submodule(name).register_forward_hook(
            lambda layer, inputs, output: sides.append(output.shape[-1])
        )
    for size, style in ((224, "o-C0"), (64, "s-C2"), (32, "D-C1")):
        sides = [size]
        model(torch.rand(1, 3, size, size))
        ax.plot(["image", *stages], sides, style, label=f"{size} x {size}")
        for place, side in enumerate(sides):
            shift = {"xytext": (0, 7), "textcoords": "offset points"}
            ax.annotate(side, (place, side), ha="center", **shift)
ax.set_yscale("log", base=2)
ax.set(ylim=(0.75, 360), yticks=[], ylabel="side of the feature map")
ax.spines["left"].set_visible(False)
ax.text(5.6, 0.9, "one value per channel", color="C1", ha="right")
ax.legend(title="image")
plt.show()
# --8<-- [end:small-images-figure]

# --8<-- [start:small-images-families]
import torch
from torchvision import models


def try_out(name, sizes):
    with torch.device("meta"):
        model = models.get_model(name).eval()
        for size in sizes:
            try:
                model(torch.rand(1, 3, size, size))
                print(name, size, "passes")
            except (RuntimeError, AssertionError) as error:
                print(name, size, "raises:", str(error).split(". ")[-1])


try_out("vgg16", (31, 32))
# > vgg16 31 raises: Output size is too small
# > vgg16 32 passes
try_out("alexnet", (62, 63))
# > alexnet 62 raises: Output size is too small
# > alexnet 63 passes
try_out("vit_b_16", (64, 224))
# > vit_b_16 64 raises: Wrong image height! Expected 224 but got 64!
# > vit_b_16 224 passes
for name in ("resnet18", "vgg16", "alexnet", "vit_b_16"):
    weights = models.get_model_weights(name).DEFAULT
    print(name, "min_size:", weights.meta["min_size"])
# > resnet18 min_size: (1, 1)
# > vgg16 min_size: (32, 32)
# > alexnet min_size: (63, 63)
# > vit_b_16 min_size: (224, 224)
# --8<-- [end:small-images-families]

# --8<-- [start:small-images-labels]
import math

import torch
from torch.nn.functional import cross_entropy
from torchvision.models import resnet18

torch.manual_seed(0)
model = resnet18(weights=None)
images = torch.rand(1, 3, 64, 64)  # (N, C, H, W)
logits = model(images)  # (1, 1000)
print("logits:", tuple(logits.shape))
# > logits: (1, 1000)
print(f"ln(1000) is {math.log(1000):.2f}")
# > ln(1000) is 6.91

label = torch.tensor([3])  # (N,)
loss = cross_entropy(logits, label)
print("class index, loss near ln(1000):", abs(loss.item() - 6.9) < 2)
# > class index, loss near ln(1000): True
random = torch.rand(1, 1000)  # (N, C)
loss = cross_entropy(logits, random)
print("random numbers, loss above 3000:", loss.item() > 3000)
# > random numbers, loss above 3000: True
print("they add up to more than 400:", random.sum().item() > 400)
# > they add up to more than 400: True
chances = random / random.sum()
loss = cross_entropy(logits, chances)
print("made to add up to 1, near ln(1000):", abs(loss.item() - 6.9) < 2)
# > made to add up to 1, near ln(1000): True

integers = torch.randint(1000, (1, 1000))  # (N, C)
try:
    cross_entropy(logits, integers)
except RuntimeError as error:
    print(error)
# > Expected floating point type for target with class probabilities, got Long
# --8<-- [end:small-images-labels]

# --8<-- [start:other-class-count]
import tempfile
from pathlib import Path

import torch
from torch import nn
from torchvision.models import ResNet18_Weights, resnet18

weights = ResNet18_Weights.DEFAULT
try:
    resnet18(weights=weights, num_classes=10)
except ValueError as error:
    print(error)
# > The parameter 'num_classes' expected value 1000 but got 10 instead.

torch.hub.download_url_to_file = None
with torch.device("meta"):
    state = resnet18().state_dict()
made_up = {n: torch.tensor(0.5).expand(t.shape) for n, t in state.items()}
with tempfile.TemporaryDirectory() as folder:
    torch.hub.set_dir(folder)
    path = Path(folder, "checkpoints", Path(weights.url).name)
    path.parent.mkdir()
    torch.save(made_up, path)
    model = resnet18(weights=weights)
print("loaded:", model.fc)
# > loaded: Linear(in_features=512, out_features=1000, bias=True)
model.fc = nn.Linear(model.fc.in_features, 10)
print("output:", tuple(model(torch.rand(2, 3, 64, 64)).shape))
# > output: (2, 10)
new = [n for n, p in model.named_parameters() if not p.eq(0.5).all()]
print("not from the file:", new)
# > not from the file: ['fc.weight', 'fc.bias']
print("without weights:", resnet18(num_classes=10).fc)
# > without weights: Linear(in_features=512, out_features=10, bias=True)
# --8<-- [end:other-class-count]

# --8<-- [start:other-class-count-strict]
import torch
from torchvision.models import resnet18

with torch.device("meta"):
    shapes = resnet18().state_dict()
state = {n: torch.tensor(0.5).expand(t.shape) for n, t in shapes.items()}
model = resnet18(num_classes=10)
try:
    model.load_state_dict(state, strict=False)
except RuntimeError as error:
    for line in str(error).splitlines():
        print(line.strip()[:66])
# > Error(s) in loading state_dict for ResNet:
# > size mismatch for fc.weight: copying a param with shape torch.Size
# > size mismatch for fc.bias: copying a param with shape torch.Size([
print("but conv1 was loaded:", bool(model.conv1.weight.eq(0.5).all()))
# > but conv1 was loaded: True

model = resnet18(num_classes=10)
body = {n: t for n, t in state.items() if not n.startswith("fc.")}
result = model.load_state_dict(body, strict=False)
print("missing:", result.missing_keys)
# > missing: ['fc.weight', 'fc.bias']
print("unexpected:", result.unexpected_keys)
# > unexpected: []

model = resnet18(num_classes=10)
wrapped = {f"module.{n}": t for n, t in body.items()}
result = model.load_state_dict(wrapped, strict=False)
names = [name for name, _ in model.named_parameters()]
missing = [name for name in names if name in result.missing_keys]
print("parameters missing:", len(missing), "of", len(names))
# > parameters missing: 62 of 62
print("conv1 was loaded:", bool(model.conv1.weight.eq(0.5).all()))
# > conv1 was loaded: False
# --8<-- [end:other-class-count-strict]

# --8<-- [start:other-class-count-rows]
import torch
from torch import nn
from torchvision.models import ResNet18_Weights, resnet18

torch.manual_seed(0)
model = resnet18(weights=None).eval()
images = torch.rand(2, 3, 64, 64)  # (N, C, H, W)
categories = ResNet18_Weights.DEFAULT.meta["categories"]
rows = [categories.index(name) for name in ("tabby", "goldfish")]
with torch.no_grad():
    before = model(images)[:, rows]  # (2, 2)
    old, model.fc = model.fc, nn.Linear(model.fc.in_features, 2)
    model.fc.weight.copy_(old.weight[rows])
    model.fc.bias.copy_(old.bias[rows])
    after = model(images)  # (2, 2)
print("rows:", rows)
# > rows: [281, 1]
print("same logits:", torch.allclose(before, after, atol=1e-6))
# > same logits: True
# --8<-- [end:other-class-count-rows]
