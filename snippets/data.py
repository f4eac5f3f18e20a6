"""What a dataset owes its loader, who picks the indices, what workers change."""

# --8<-- [start:dataset-protocol]
from itertools import islice

import torch
from torch.utils.data import DataLoader, Dataset


class Squares:
    def __len__(self):
        return 6

    def __getitem__(self, index):
        return torch.tensor(index**2)


squares = Squares()
print("inherits Dataset:", isinstance(squares, Dataset))
# > inherits Dataset: False
print("batches:", [batch.tolist() for batch in DataLoader(squares, 4)])
# > batches: [[0, 1, 4, 9], [16, 25]]
print("a list:", [batch.tolist() for batch in DataLoader([7, 8, 9], 2)])
# > a list: [[7, 8], [9]]
print("[3] is __getitem__(3):", bool(squares[3] == squares.__getitem__(3)))
# > [3] is __getitem__(3): True
print("len is __len__:", len(squares) == squares.__len__())
# > len is __len__: True
print("a for loop goes on:", [int(item) for item in islice(squares, 8)])
# > a for loop goes on: [0, 1, 4, 9, 16, 25, 36, 49]


class Bare(Dataset):
    pass


for ask in (lambda: Bare()[0], lambda: next(iter(DataLoader(Bare())))):
    try:
        ask()
    except (NotImplementedError, TypeError) as error:
        print(f"{type(error).__name__}:", error)
# > NotImplementedError: Subclasses of Dataset should implement __getitem__.
# > TypeError: object of type 'Bare' has no len()
# --8<-- [end:dataset-protocol]

# --8<-- [start:dataset-protocol-custom]
import tempfile
from pathlib import Path

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms.functional import pil_to_tensor


class LabelledImages(Dataset):
    def __init__(self, folder, transform=None):
        lines = (folder / "labels.csv").read_text().splitlines()
        self.rows = [line.split(",") for line in lines]
        self.folder, self.transform = folder, transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        name, label = self.rows[index]
        with Image.open(self.folder / name) as file:
            image = pil_to_tensor(file.convert("RGB"))  # (3, H, W)
        image = self.transform(image) if self.transform else image
        return image, int(label)


torch.manual_seed(0)
with tempfile.TemporaryDirectory() as name:
    for label in range(10):
        Image.new("L", (8, 6), label).save(f"{name}/{label}.png")
    rows = "\n".join(f"{label}.png,{label}" for label in range(10))
    Path(name, "labels.csv").write_text(rows)
    dataset = LabelledImages(Path(name), transform=torch.Tensor.float)
    batches = list(DataLoader(dataset, batch_size=4, shuffle=True))
print([(tuple(x.shape), tuple(y.shape)) for x, y in batches])
# > [((4, 3, 6, 8), (4,)), ((4, 3, 6, 8), (4,)), ((2, 3, 6, 8), (2,))]
print("each once:", sorted(torch.cat([y for _, y in batches]).tolist()))
# > each once: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
print("matched:", [torch.equal(x[:, 0, 0, 0].long(), y) for x, y in batches])
# > matched: [True, True, True]
# --8<-- [end:dataset-protocol-custom]

# --8<-- [start:dataset-protocol-many]
from torch.utils.data import DataLoader, Dataset


class Rows(Dataset):
    def __init__(self):
        self.calls = []

    def __len__(self):
        return 6

    def __getitem__(self, index):
        self.calls.append(index)
        return index


class Table(Rows):
    def __getitems__(self, indices):
        self.calls.append(indices)
        return indices


for dataset in (Rows(), Table()):
    batches = [batch.tolist() for batch in DataLoader(dataset, 4)]
    print(f"{type(dataset).__name__}, asked for:", dataset.calls)
    print(f"{type(dataset).__name__}, batches:", batches)
# > Rows, asked for: [0, 1, 2, 3, 4, 5]
# > Rows, batches: [[0, 1, 2, 3], [4, 5]]
# > Table, asked for: [[0, 1, 2, 3], [4, 5]]
# > Table, batches: [[0, 1, 2, 3], [4, 5]]
# --8<-- [end:dataset-protocol-many]

# --8<-- [start:map-or-iterable]
from torch.utils.data import DataLoader, IterableDataset, get_worker_info


class Stream(IterableDataset):
    def __iter__(self):
        yield from range(6)


class Sharded(IterableDataset):
    def __iter__(self):
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        yield from range(first, 6, step)


def load(dataset, workers, **options):
    if workers:
        options["multiprocessing_context"] = "fork"
    loader = DataLoader(dataset, 2, num_workers=workers, **options)
    return [batch.tolist() for batch in loader]


print("no workers:", load(Stream(), 0))
# > no workers: [[0, 1], [2, 3], [4, 5]]
both = [item for batch in load(Stream(), 2) for item in batch]
print("two workers:", sorted(both))
# > two workers: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
print("sharded, no workers:", load(Sharded(), 0))
# > sharded, no workers: [[0, 1], [2, 3], [4, 5]]
print("sharded, two workers:", load(Sharded(), 2))
# > sharded, two workers: [[0, 2], [1, 3], [4], [5]]
print("and drop_last:", load(Sharded(), 2, drop_last=True))
# > and drop_last: [[0, 2], [1, 3]]
# --8<-- [end:map-or-iterable]

# --8<-- [start:map-or-iterable-limits]
from torch.utils.data import DataLoader, IterableDataset


class Stream(IterableDataset):
    def __iter__(self):
        yield from range(3)


class Plain:
    def __iter__(self):
        yield from range(3)


attempts = {
    "index": lambda: Stream()[0],
    "length": lambda: len(DataLoader(Stream())),
    "shuffle": lambda: DataLoader(Stream(), shuffle=True),
    "sampler": lambda: DataLoader(Stream(), sampler=[2, 0, 1]),
    "no base class": lambda: list(DataLoader(Plain())),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except (NotImplementedError, TypeError, ValueError) as error:
        message = str(error).removeprefix("DataLoader with ")
        print(f"{name}:", message.split(", but")[0])
# > index: Subclasses of Dataset should implement __getitem__.
# > length: object of type 'Stream' has no len()
# > shuffle: IterableDataset: expected unspecified shuffle option
# > sampler: IterableDataset: expected unspecified sampler option
# > no base class: object of type 'Plain' has no len()
# --8<-- [end:map-or-iterable-limits]

# --8<-- [start:map-or-iterable-shuffle]
import torch
from torch.utils.data import DataLoader, IterableDataset


class Shuffled(IterableDataset):
    def __init__(self, source, size):
        self.source, self.size = source, size

    def __iter__(self):
        buffer = []
        for item in self.source:
            buffer.append(item)
            if len(buffer) == self.size:
                place = int(torch.randint(self.size, ()))
                buffer[place], buffer[-1] = buffer[-1], buffer[place]
                yield buffer.pop()
        yield from (buffer[i] for i in torch.randperm(len(buffer)))


torch.manual_seed(0)
for size in (1, 10, 1000):
    order = list(Shuffled(range(1000), size))
    forward = max(item - place for place, item in enumerate(order))
    once, kept = len(set(order)) == len(order), order == sorted(order)
    print(f"buffer of {size}: each item once {once}, still in order {kept}")
    print(f"  gained fewer than {size} places:", forward < size)
    print("  gained more than 500 places:", forward > 500)
# > buffer of 1: each item once True, still in order True
# >   gained fewer than 1 places: True
# >   gained more than 500 places: False
# > buffer of 10: each item once True, still in order False
# >   gained fewer than 10 places: True
# >   gained more than 500 places: False
# > buffer of 1000: each item once True, still in order False
# >   gained fewer than 1000 places: True
# >   gained more than 500 places: True
# --8<-- [end:map-or-iterable-shuffle]

# --8<-- [start:dataloader-arguments]
import inspect
import textwrap

import torch
from torch.utils.data import DataLoader

print("a class:", inspect.isclass(DataLoader))
# > a class: True
print("data.dataload exists:", hasattr(torch.utils.data, "dataload"))
# > data.dataload exists: False
arguments = inspect.signature(DataLoader).parameters.values()
bare = [str(each.replace(annotation=each.empty)) for each in arguments]
print(textwrap.fill(", ".join(bare), 70))
# > dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None,
# > num_workers=0, collate_fn=None, pin_memory=False, drop_last=False,
# > timeout=0, worker_init_fn=None, multiprocessing_context=None,
# > generator=None, prefetch_factor=None, persistent_workers=False,
# > pin_memory_device='', in_order=True

loader = DataLoader(range(6))
print("shuffle None:", type(loader.sampler).__name__)
# > shuffle None: SequentialSampler
print("collate_fn None:", loader.collate_fn.__name__)
# > collate_fn None: default_collate
print("batch_size 1:", next(iter(loader)).shape)
# > batch_size 1: torch.Size([1])
one = DataLoader(range(6), num_workers=1)
print("prefetch_factor None, one worker:", one.prefetch_factor)
# > prefetch_factor None, one worker: 2
for option in ("prefetch_factor", "persistent_workers"):
    try:
        DataLoader(range(6), **{option: 1})
    except ValueError as error:
        print(str(error).split(".")[0])
# > prefetch_factor option could only be specified in multiprocessing
# > persistent_workers option needs num_workers > 0
# --8<-- [end:dataloader-arguments]

# --8<-- [start:dataloader-arguments-epochs]
import torch
from torch.utils.data import DataLoader

data = torch.arange(100).view(50, 2)  # (50, 2)
print("batch_size=8:", tuple(next(iter(DataLoader(data, 8))).shape))
# > batch_size=8: (8, 2)
print("default:", tuple(next(iter(DataLoader(data))).shape))
# > default: (1, 2)
print("batch_size=None:", tuple(next(iter(DataLoader(data, None))).shape))
# > batch_size=None: (2,)


def epoch(loader):
    return [row.item() for batch in loader for row in batch[:, 0]]


torch.manual_seed(0)
shuffled = DataLoader(data, 8, shuffle=True)
epochs = [epoch(shuffled) for _ in range(3)]
print("three orders:", len(set(map(tuple, epochs))))
# > three orders: 3
print("same rows:", all(sorted(e) == data[:, 0].tolist() for e in epochs))
# > same rows: True

before = torch.get_rng_state()
epoch(DataLoader(data, 8))
moved = not torch.equal(before, torch.get_rng_state())
print("global generator moved, even without shuffle:", moved)
# > global generator moved, even without shuffle: True

runs = []
for _ in range(2):
    generator = torch.Generator().manual_seed(7)
    runs.append(epoch(DataLoader(data, 8, shuffle=True, generator=generator)))
print("same generator seed, same order:", runs[0] == runs[1])
# > same generator seed, same order: True
# --8<-- [end:dataloader-arguments-epochs]

# --8<-- [start:which-sampler]
import torch
from torch.utils.data import (
    BatchSampler,
    DistributedSampler,
    RandomSampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

torch.manual_seed(0)
data = range(100, 107)
print("Sequential:", list(SequentialSampler(data)))
# > Sequential: [0, 1, 2, 3, 4, 5, 6]
drawn = list(RandomSampler(data))
print("Random, sorted:", sorted(drawn))
# > Random, sorted: [0, 1, 2, 3, 4, 5, 6]
print("Random, in another order:", drawn != sorted(drawn))
# > Random, in another order: True
drawn = list(RandomSampler(data, replacement=True, num_samples=1000))
print("with replacement:", len(drawn), "draws from", sorted(set(drawn)))
# > with replacement: 1000 draws from [0, 1, 2, 3, 4, 5, 6]
print("SubsetRandom, sorted:", sorted(SubsetRandomSampler([1, 3, 5])))
# > SubsetRandom, sorted: [1, 3, 5]
weights = [0, 0, 0, 1, 0, 0, 0]
print("WeightedRandom:", list(WeightedRandomSampler(weights, 5)))
# > WeightedRandom: [3, 3, 3, 3, 3]
inner = SequentialSampler(data)
print("Batch:", list(BatchSampler(inner, 3, drop_last=False)))
# > Batch: [[0, 1, 2], [3, 4, 5], [6]]
for rank in range(2):
    part = DistributedSampler(data, num_replicas=2, rank=rank, shuffle=False)
    print(f"Distributed, rank {rank}:", list(part))
# > Distributed, rank 0: [0, 2, 4, 6]
# > Distributed, rank 1: [1, 3, 5, 0]
# --8<-- [end:which-sampler]

# --8<-- [start:which-sampler-loader]
from torch.utils.data import DataLoader

data = [10, 11, 12, 13, 14, 15]
print("shuffle=True:", type(DataLoader(data, shuffle=True).sampler).__name__)
# > shuffle=True: RandomSampler
print("otherwise:", type(DataLoader(data).sampler).__name__)
# > otherwise: SequentialSampler


def batches(**options):
    return [batch.tolist() for batch in DataLoader(data, **options)]


print("indices:", batches(sampler=[5, 0, 0, 3], batch_size=2))
# > indices: [[15, 10], [10, 13]]
print("batches of indices:", batches(batch_sampler=[[5, 4], [0, 1, 2]]))
# > batches of indices: [[15, 14], [10, 11, 12]]

pairs = (
    {"sampler": [5, 0], "shuffle": True},
    {"batch_sampler": [[5, 4]], "shuffle": True},
    {"batch_sampler": [[5, 4]], "batch_size": 2},
    {"batch_sampler": [[5, 4]], "drop_last": True},
    {"batch_sampler": [[5, 4]], "sampler": [5, 4]},
)
for pair in pairs:
    try:
        DataLoader(data, **pair)
    except ValueError as error:
        print(f"{' + '.join(pair)}:", str(error).split(" with ")[0])
# > sampler + shuffle: sampler option is mutually exclusive
# > batch_sampler + shuffle: batch_sampler option is mutually exclusive
# > batch_sampler + batch_size: batch_sampler option is mutually exclusive
# > batch_sampler + drop_last: batch_sampler option is mutually exclusive
# > batch_sampler + sampler: batch_sampler option is mutually exclusive
# --8<-- [end:which-sampler-loader]

# --8<-- [start:which-sampler-custom]
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, Sampler


class Buckets(Sampler):
    def __init__(self, lengths, size, pool=16):
        self.lengths, self.size, self.pool = lengths, size, pool

    def __len__(self):
        return -(-len(self.lengths) // self.size)

    def __iter__(self):
        batches = []
        order = torch.randperm(len(self.lengths))
        for pool in order.split(self.size * self.pool):
            ranked = pool[self.lengths[pool].argsort()]
            batches.extend(ranked.split(self.size))
        for place in torch.randperm(len(batches)):
            yield batches[place].tolist()


def padding(batches):
    cells = sum(len(batch) * lengths[batch].max() for batch in batches)
    return 1 - int(lengths.sum()) / int(cells)


torch.manual_seed(0)
lengths = torch.randint(1, 101, (1000,))  # (1000,)
plain = list(BatchSampler(RandomSampler(lengths), 20, drop_last=False))
buckets = Buckets(lengths, 20)
epoch = list(buckets)
print("padding > 40 %, < 10 %:", padding(plain) > 0.4, padding(epoch) < 0.1)
# > padding > 40 %, < 10 %: True True
print("distinct indices:", len(torch.tensor(epoch).unique()))
# > distinct indices: 1000
print("new batches every epoch:", list(buckets) != epoch)
# > new batches every epoch: True
loader = DataLoader(lengths, batch_sampler=buckets)
print("batches:", len(loader), "of", len(next(iter(loader))))
# > batches: 50 of 20
# --8<-- [end:which-sampler-custom]

# --8<-- [start:which-sampler-figure]
import matplotlib.pyplot as plt
import torch

torch.manual_seed(0)
size, count = 8, 8
lengths = torch.randint(1, 101, (size * count,))
batches = {
    "random batches": torch.randperm(len(lengths)).split(size),
    "buckets of similar length": lengths.argsort().split(size),
}
fig, axes = plt.subplots(2, 1, figsize=(7.2, 5), layout="tight", sharex=True)
for ax, (name, parts) in zip(axes, batches.items(), strict=True):
    longest, place = 0, 0
    for number in torch.randperm(count):
        part = lengths[parts[number]]
        at = range(place, place + size)
        longest += int(part.max()) * size
        ax.bar(at, int(part.max()), 1, color="C1", alpha=0.3)
        ax.bar(at, part.tolist(), 1, color="C0")
        place += size + 2
    share = 1 - int(lengths.sum()) / longest
    ax.set_title(f"{name}: {share:.0%} padding", loc="left")
    ax.set(ylabel="length", ylim=(0, 102), xticks=[])
axes[1].set_xlabel("batches of 8 sequences: data (blue), padding (orange)")
plt.show()
# --8<-- [end:which-sampler-figure]

# --8<-- [start:weighted-sampling]
import torch
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(0)
labels = torch.tensor([0] * 900 + [1] * 100)  # (1000,)
counts = labels.bincount()  # (2,)
weights = 1 / counts[labels]  # (1000,)
totals = [f"{weights[labels == label].sum():.2f}" for label in (0, 1)]
print("samples:", counts.tolist(), "sums of weights:", *totals)
# > samples: [900, 100] sums of weights: 1.00 1.00


def share(indices):
    return labels[list(indices)].float().mean().item()


sampler = WeightedRandomSampler(weights, num_samples=1000)
drawn = torch.tensor(list(sampler))
print(f"share of the rare class: {share(drawn):.1f}")
# > share of the rare class: 0.5
print("about half of all samples seen:", 400 < len(drawn.unique()) < 600)
# > about half of all samples seen: True
rare = drawn[labels[drawn] == 1].unique()
print("over 90 of the 100 rare ones seen:", len(rare) > 90)
# > over 90 of the 100 rare ones seen: True

loader = DataLoader(TensorDataset(labels), 100, sampler=sampler)
parts = [batch.float().mean().item() for (batch,) in loader]
print("every batch is mixed:", min(parts) > 0.2 and max(parts) < 0.8)
# > every batch is mixed: True

once = list(WeightedRandomSampler(weights, 1000, replacement=False))
print(f"no replacement, 1000 draws: {share(once):.2f}")
# > no replacement, 1000 draws: 0.10
first, last = share(once[:100]), share(once[500:])
print("first 100 over 0.3, last 500 under 0.02:", first > 0.3, last < 0.02)
# > first 100 over 0.3, last 500 under 0.02: True True
per_class = WeightedRandomSampler(1 / counts, 1000)
print("class weights draw indices:", sorted(set(per_class)))
# > class weights draw indices: [0, 1]
# --8<-- [end:weighted-sampling]

# --8<-- [start:weighted-sampling-figure]
import matplotlib.pyplot as plt
import torch
from torch.utils.data import RandomSampler, WeightedRandomSampler

torch.manual_seed(0)
labels = torch.tensor([0] * 900 + [1] * 100)
weights = 1 / labels.bincount()[labels]
ways = {
    "shuffle=True": RandomSampler(labels),
    "weighted": WeightedRandomSampler(weights, 1000),
    "replacement=False": WeightedRandomSampler(weights, 1000, False),
}
fig, axes = plt.subplots(2, 3, figsize=(7.2, 5), layout="tight", sharey="row")
for (top, bottom), (name, sampler) in zip(axes.T, ways.items(), strict=True):
    times = torch.tensor(list(sampler)).bincount(minlength=1000)
    for label, kind in enumerate(("common", "rare")):
        mine = (labels == label).nonzero().flatten()
        bar = top.bar(kind, int(times[mine].sum()), color=f"C{label}")
        top.bar_label(bar, padding=2)
        dots = mine.tolist(), times[mine].tolist()
        bottom.plot(*dots, ".", color=f"C{label}", alpha=0.5, markersize=4)
    top.set_title(name)
    bottom.set(xticks=[0, 450, 900])
axes[0, 0].set(ylabel="draws", ylim=(0, 1050))
axes[1, 0].set(ylabel="times drawn", yticks=[1, 5, 10])
axes[1, 1].set_xlabel("samples 0 to 999, one dot each")
plt.show()
# --8<-- [end:weighted-sampling-figure]

# --8<-- [start:collate-unequal]
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

data = [(torch.arange(1.0, n + 1), n % 2) for n in (3, 1, 4, 2)]
try:
    next(iter(DataLoader(data, batch_size=4)))
except RuntimeError as error:
    print(str(error).split(", but")[0])
# > stack expects each tensor to be equal size


def collate(samples):
    sequences, labels = zip(*samples, strict=True)
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    padded = pad_sequence(sequences, batch_first=True)  # (B, T)
    mask = torch.arange(padded.shape[1]) < lengths[:, None]  # (B, T)
    return padded, mask, torch.tensor(labels)


loader = DataLoader(data, batch_size=4, collate_fn=collate)
padded, mask, labels = next(iter(loader))
print("padded:", padded.int().tolist())
# > padded: [[1, 2, 3, 0], [1, 0, 0, 0], [1, 2, 3, 4], [1, 2, 0, 0]]
print("mask:", mask.int().tolist())
# > mask: [[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0]]
print("labels:", labels.tolist())
# > labels: [1, 1, 0, 0]
print("true means:", [sequence.mean().item() for sequence, _ in data])
# > true means: [2.0, 1.0, 2.5, 1.5]
print("mean over all cells:", padded.mean(1).tolist())
# > mean over all cells: [1.5, 0.25, 2.5, 0.75]
masked = (padded * mask).sum(1) / mask.sum(1)  # (B,)
print("mean over the mask:", masked.tolist())
# > mean over the mask: [2.0, 1.0, 2.5, 1.5]
pairs = DataLoader(data, batch_size=2, collate_fn=collate)
print("T differs by batch:", [tuple(padded.shape) for padded, _, _ in pairs])
# > T differs by batch: [(2, 3), (2, 4)]
# --8<-- [end:collate-unequal]

# --8<-- [start:collate-unequal-default]
import numpy as np
import torch
from torch.utils.data import default_collate

sample = {
    "image": torch.zeros(3, 4, 4),
    "array": np.zeros(2, dtype=np.float32),
    "float": 0.5,
    "int": 7,
    "word": "cat",
    "nested": {"pair": (1, 2)},
}
batch = default_collate([sample, sample])
for name in ("image", "array", "float", "int"):
    print(f"{name}:", tuple(batch[name].shape), batch[name].dtype)
# > image: (2, 3, 4, 4) torch.float32
# > array: (2, 2) torch.float32
# > float: (2,) torch.float64
# > int: (2,) torch.int64
print("word:", batch["word"])
# > word: ['cat', 'cat']
print("nested:", [part.tolist() for part in batch["nested"]["pair"]])
# > nested: [[1, 1], [2, 2]]

for samples in ([None, None], [[1, 2], [3]]):
    try:
        default_collate(samples)
    except (RuntimeError, TypeError) as error:
        print(f"{samples}:", str(error).split(";")[0][:60])
# > [None, None]: default_collate: batch must contain tensors, numpy arrays, n
# > [[1, 2], [3]]: each element in list of batch should be of equal size
# --8<-- [end:collate-unequal-default]

# --8<-- [start:worker-processes]
import os

import torch
from torch.utils.data import DataLoader, Dataset


class Scaled(Dataset):
    scale, calls = 1, 0

    def __len__(self):
        return 4

    def __getitem__(self, index):
        self.calls += 1
        return torch.tensor([self.scale * index, self.calls, os.getpid()])


fork = {"num_workers": 2, "multiprocessing_context": "fork"}
keep = {**fork, "persistent_workers": True}
kinds = {"no workers": {}, "two workers": fork, "two persistent": keep}
for kind, options in kinds.items():
    dataset = Scaled()
    loader = DataLoader(dataset, batch_size=None, **options)
    others = set()
    for dataset.scale in (1, 10):
        values, calls, pids = torch.stack(list(loader)).T.tolist()
        others |= set(pids) - {os.getpid()}
        print(f"{kind}: values {values}, calls {calls}")
    print(f"  other processes {len(others)}, parent's calls {dataset.calls}")
    del loader
# > no workers: values [0, 1, 2, 3], calls [1, 2, 3, 4]
# > no workers: values [0, 10, 20, 30], calls [5, 6, 7, 8]
# >   other processes 0, parent's calls 8
# > two workers: values [0, 1, 2, 3], calls [1, 1, 2, 2]
# > two workers: values [0, 10, 20, 30], calls [1, 1, 2, 2]
# >   other processes 4, parent's calls 0
# > two persistent: values [0, 1, 2, 3], calls [1, 1, 2, 2]
# > two persistent: values [0, 1, 2, 3], calls [3, 3, 4, 4]
# >   other processes 2, parent's calls 0
# --8<-- [end:worker-processes]

# --8<-- [start:worker-processes-seeds]
import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info


class Draws(Dataset):
    def __init__(self):
        self.own = self.renewed = np.random.default_rng(0)

    def __len__(self):
        return 2

    def __getitem__(self, index):
        shared = torch.rand(()).item(), random.random(), np.random.rand()
        return *shared, self.own.random(), self.renewed.random()


def renew(worker):
    rng = np.random.default_rng(torch.initial_seed())
    get_worker_info().dataset.renewed = rng


fork = {"num_workers": 2, "multiprocessing_context": "fork"}
loader = DataLoader(Draws(), None, worker_init_fn=renew, **fork)
epochs = []
for seed in (1, 2, 1):
    torch.manual_seed(seed)
    epochs.append(list(zip(*loader, strict=True)))
print("workers differ | seeds 1 and 2 differ | seed 1 repeats")
# > workers differ | seeds 1 and 2 differ | seed 1 repeats
names = "torch", "random", "numpy", "own", "renewed"
for name, one, two, again in zip(names, *epochs, strict=True):
    print(f"{name}:", one[0] != one[1], one != two, one == again)
# > torch: True True True
# > random: True True True
# > numpy: True True True
# > own: False False True
# > renewed: True True True
# --8<-- [end:worker-processes-seeds]

# --8<-- [start:drop-last]
import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
data = torch.randn(10, 2)  # (10, 2)
for drop in (False, True):
    loader = DataLoader(data, batch_size=4, drop_last=drop)
    sizes = [len(batch) for batch in loader]
    print(f"drop_last={drop}:", len(loader), "batches of", sizes)
# > drop_last=False: 3 batches of [4, 4, 2]
# > drop_last=True: 2 batches of [4, 4]

norm = nn.BatchNorm1d(2)
passed = []
for batch in DataLoader(data, batch_size=3):
    try:
        passed.append(len(norm(batch)))
    except ValueError as error:
        print(f"batch of {len(batch)}:", str(error).split(",")[0])
# > batch of 1: Expected more than 1 value per channel when training
print("batches that passed:", passed)
# > batches that passed: [3, 3, 3]
print("eval, batch of 1:", tuple(norm.eval()(data[:1]).shape))
# > eval, batch of 1: (1, 2)

loader = DataLoader(range(10), 4, shuffle=True, drop_last=True)
epochs = [torch.cat(list(loader)).tolist() for _ in range(50)]
print("samples in an epoch:", {len(set(epoch)) for epoch in epochs})
# > samples in an epoch: {8}
print("samples in 50 epochs:", len(set().union(*epochs)))
# > samples in 50 epochs: 10
small = DataLoader(range(3), 4, drop_last=True)
print("3 samples by 4:", list(small))
# > 3 samples by 4: []
# --8<-- [end:drop-last]
