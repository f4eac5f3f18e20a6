"""State that sections spoil, and that every other section must find unspoilt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Leak:
    """One kind of state of a process."""

    name: str
    spoil: str
    """Statements that change it and do not restore it."""
    look: str
    """An expression that tells."""
    pristine: str
    """Output of the expression in a section that starts afresh."""

    @property
    def topic(self) -> str:
        return f"spoils_{self.name}".replace("-", "_")

    @property
    def slug(self) -> str:
        return f"look-at-{self.name}"

    @property
    def looking(self) -> str:
        return f"import torch\n\nprint({self.look})\n# > {self.pristine}"

    @property
    def spoiling(self) -> str:
        return f"import torch\n\n{self.spoil}\nprint({self.look} == {self.pristine!r})\n# > False"


LEAKS = [
    Leak(
        "dtype",
        "torch.set_default_dtype(torch.float64)",
        "str(torch.get_default_dtype())",
        "torch.float32",
    ),
    Leak(
        "device",
        'torch.set_default_device("meta")',
        "str(torch.ones(1).device)",
        "cpu",
    ),
    Leak("grad-mode", "torch.set_grad_enabled(False)", "str(torch.is_grad_enabled())", "True"),
    Leak(
        "inference-mode",
        "mode = torch.inference_mode()\nmode.__enter__()",
        "str(torch.is_inference_mode_enabled())",
        "False",
    ),
    Leak(
        "autocast",
        'mode = torch.autocast("cpu")\nmode.__enter__()',
        'str(torch.is_autocast_enabled("cpu"))',
        "False",
    ),
    Leak(
        "anomaly-mode",
        "torch.autograd.set_detect_anomaly(True)",
        "str(torch.is_anomaly_enabled())",
        "False",
    ),
    Leak(
        "determinism",
        "torch._C._set_deterministic_algorithms(True)",
        "str(torch.are_deterministic_algorithms_enabled())",
        "False",
    ),
    Leak("threads", "torch.set_num_threads(2)", "str(torch.get_num_threads())", "1"),
    Leak(
        "print-options",
        "torch.set_printoptions(precision=1)",
        "str(torch.tensor(0.1234))",
        "tensor(0.1234)",
    ),
    Leak("patched-function", "torch.zeros = torch.ones", "str(torch.zeros(1))", "tensor([0.])"),
    Leak(
        "patched-method",
        "torch.Tensor.sum = lambda self: 7",
        "str(torch.ones(2).sum())",
        "tensor(2.)",
    ),
    Leak(
        "hooks",
        "torch.nn.modules.module.register_module_forward_hook(lambda m, i, o: o * 0)",
        "str(torch.nn.Identity()(torch.ones(1)))",
        "tensor([1.])",
    ),
    Leak(
        "rc-params",
        'import matplotlib\n\nmatplotlib.rcParams["font.size"] = 99',
        'str(__import__("matplotlib").rcParams["font.size"] > 90)',
        "False",
    ),
    Leak("cwd", 'import os\n\nos.chdir("/")', 'str(__import__("os").getcwd() == "/")', "False"),
    Leak(
        "files",
        'open("left.txt", "w").close()',
        'str(__import__("os").listdir())',
        "[]",
    ),
    Leak(
        "home",
        'import os\n\nopen(os.path.expanduser("~/.left"), "w").close()',
        'str(__import__("os").path.exists(__import__("os").path.expanduser("~/.left")))',
        "False",
    ),
    Leak(
        "environ",
        'import os\n\nos.environ["SPOILT"] = "1"',
        'str("SPOILT" in __import__("os").environ)',
        "False",
    ),
    Leak(
        "modules",
        'import sys, types\n\nsys.modules["spoilt"] = types.ModuleType("spoilt")',
        'str("spoilt" in __import__("sys").modules)',
        "False",
    ),
    Leak(
        "path",
        'import sys\n\nsys.path.insert(0, "/spoilt")',
        'str("/spoilt" in __import__("sys").path)',
        "False",
    ),
    Leak(
        "builtins",
        "import builtins\n\nbuiltins.len = lambda x: 7",
        'str(len(""))',
        "0",
    ),
    Leak(
        "globals",
        "spoilt = 1",
        'str("spoilt" in globals())',
        "False",
    ),
    Leak(
        "warning-filters",
        'import warnings\n\nwarnings.simplefilter("ignore")',
        '__import__("warnings").filters[0][0]',
        "error",
    ),
    Leak(
        "signal-handlers",
        "import signal\n\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        '__import__("signal").getsignal(10).name',
        "SIG_DFL",
    ),
    Leak(
        "alarm",
        "import signal\n\nsignal.alarm(30)",
        'str(__import__("signal").alarm(0))',
        "0",
    ),
    Leak(
        "locale",
        'import locale\n\nlocale.setlocale(locale.LC_NUMERIC, "C.UTF-8")',
        '__import__("locale").setlocale(__import__("locale").LC_NUMERIC)',
        "C",
    ),
    Leak(
        "decimal-context",
        "import decimal\n\ndecimal.getcontext().prec = 2",
        'str(__import__("decimal").getcontext().prec)',
        "28",
    ),
    Leak(
        "recursion-limit",
        "import sys\n\nsys.setrecursionlimit(5000)",
        'str(__import__("sys").getrecursionlimit())',
        "1000",
    ),
    Leak(
        "cpu-limit",
        "import resource\n\nresource.setrlimit(resource.RLIMIT_CPU, (50, 50))",
        'str(__import__("resource").getrlimit(__import__("resource").RLIMIT_CPU)[0] == 50)',
        "False",
    ),
    Leak(
        "umask",
        "import os\n\n_ = os.umask(0o777)",
        'str(__import__("os").umask(0) == 511)',
        "False",
    ),
    Leak(
        "reductions",
        "import copyreg\n\ncopyreg.pickle(torch.device, str)",
        'str(torch.device in __import__("copyreg").dispatch_table)',
        "False",
    ),
    Leak(
        "trace",
        "import sys\n\nsys.settrace(lambda *_: None)",
        'str(__import__("sys").gettrace())',
        "None",
    ),
    Leak(
        "garbage-collector",
        "import gc\n\ngc.disable()",
        'str(__import__("gc").isenabled())',
        "True",
    ),
    Leak(
        "class-of-an-object",
        "t = torch.ones(1)\ntype(t).grad = 7",
        "str(torch.ones(1).grad)",
        "None",
    ),
    Leak(
        "class-named-self",
        "self = torch.nn.Linear\nself.forward = lambda me, x: x * 0",
        "str(torch.nn.Linear(1, 1)(torch.ones(1)).requires_grad)",
        "True",
    ),
    Leak(
        "redirection-held-open",
        "import contextlib\n\nheld = contextlib.ExitStack()\n"
        'other = open(1, "w", encoding="utf-8", errors="ignore", closefd=False)\n'
        "_ = held.enter_context(contextlib.redirect_stdout(other))",
        '__import__("sys").stdout.errors',
        "strict",
    ),
    Leak(
        "decorated-class",
        "from dataclasses import dataclass\n\n_ = dataclass(torch.nn.Linear)",
        'str(hasattr(torch.nn.Linear, "__dataclass_fields__"))',
        "False",
    ),
    Leak(
        "metadata-of-weights",
        "from torchvision.models import get_weight\n\n"
        'get_weight("ResNet18_Weights.DEFAULT").meta["num_params"] = 5',
        'str(__import__("torchvision").models.get_weight("ResNet18_Weights.DEFAULT")'
        '.meta["num_params"])',
        "11689512",
    ),
    Leak(
        "defaults-of-a-function",
        "torch.nn.functional.dropout.__defaults__ = (0.0, True, False)",
        "str(torch.nn.functional.dropout.__defaults__[0])",
        "0.5",
    ),
    Leak(
        "registered-function",
        'import copy\n\ncopy._deepcopy_dispatch[torch.Size] = lambda size, memo: "spoilt"',
        'str(__import__("copy").deepcopy(torch.Size([1])))',
        "torch.Size([1])",
    ),
    Leak(
        "cached-source",
        'import linecache\n\nlinecache.cache["spoilt"] = (1, None, ["x"], "spoilt")',
        'str("spoilt" in __import__("linecache").cache)',
        "False",
    ),
    Leak(
        "parent-of-a-class",
        "torch.nn.ReLU.__bases__ = (torch.nn.Identity,)",
        "torch.nn.ReLU.__base__.__name__",
        "Module",
    ),
]
