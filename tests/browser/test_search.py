"""Typed words find the page, and the question, that candidates mean."""

import gzip
import json
import re
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import yaml
from conftest import ROOT
from playwright.sync_api import Page, Route

INDEX = "search/index.json"
FIRST_VIEW = 120_000
"""Bytes, compressed, of all that a page loads before its reader does anything."""
LINKS = """
    items => items.slice(0, 3).flatMap(item =>
        [...item.querySelectorAll(":scope > a")].map(link => link.href))
"""
ENGLISH = [
    ("why zero_grad", "autograd/#gradients-accumulate"),
    ("difference between view and reshape", "views/#view-or-reshape"),
    ("save model", "parameters/#save-and-load"),
    ("freeze layers", "finetuning/"),
    ("out of memory", "memory/#out-of-memory"),
    ("CUDA out of memory", "memory/#out-of-memory"),
    ("mat1 and mat2 shapes cannot be multiplied", "errors/#shape-errors-matmul"),
    ("view size is not compatible", "errors/#shape-errors-view-stride"),
    ("element 0 of tensors does not require grad", "errors/#autograd-errors-no-grad-fn"),
    (
        "Expected all tensors to be on the same device, but found at least two devices, "
        "cuda:0 and cpu!",
        "errors/#device-errors",
    ),
    (
        "RuntimeError: Trying to backward through the graph a second time",
        "autograd/#second-backward",
    ),
    ("KeyError state_dict missing keys", "errors/#module-errors-state-dict-keys"),
    ("torch.no_grad", "autograd/#no-grad-or-detach"),
    ("no_grad vs eval", "training/#validation-needs-both"),
    ("requires_grad", "autograd/"),
    ("grad", "autograd/"),
    ("nn.Module", "modules/"),
    ("state_dict", "parameters/#parameter-or-buffer"),
    ("retain_graph", "autograd/#second-backward"),
    ("unsqueeze", "tensors/#add-a-dimension"),
    ("num_workers", "data/#worker-processes"),
    ("pin memory", "speed/#pinned-memory"),
    ("how to set random seed", "reproducibility/#what-a-seed-fixes"),
    ("learning rate decay", "optimizers/#schedule-the-rate"),
    ("gradient clipping", "optimizers/#clip-gradients"),
    ("softmax before cross entropy?", "training/#logits-not-probabilities"),
    ("multi gpu training", "distributed/"),
    ("ddp vs dp", "distributed/#why-ddp"),
    ("weight initialization", "functional/"),
    ("batch normalization train vs test", "layers/#batchnorm-train-or-eval"),
    ("transfer learning", "finetuning/#how-to-finetune"),
    ("conv output size formula", "convolution/#output-size"),
    ("count model parameters", "parameters/#iterate-parameters"),
    ("numpy to tensor", "tensors/#from-numpy-shares-memory"),
    ("class imbalance", "data/#weighted-sampling"),
    ("loss not decreasing", "training/"),
    ("how to load a checkpoint on cpu", "gpu/#load-on-another-device"),
    ("model.train() vs model.eval()", "training/"),
    ("what is a leaf tensor", "autograd/"),
    ("cross entropy loss expects", "training/#logits-not-probabilities"),
    ("difference between tensor and Tensor", "tensors/"),
    ("detach vs clone", "views/"),
    ("nn.Sequential vs ModuleList", "modules/"),
    ("kaiming init", "functional/#choose-initialization"),
    ("adam weight decay", "optimizers/#adam-or-adamw"),
    ("gradient checkpointing", "memory/"),
    ("torch.compile slow", "speed/#compile-on-cuda"),
    ("broadcasting rules", "errors/#silent-broadcasting"),
    ("lstm output shape", "layers/#lstm-shapes"),
    ("size mismatch for fc.weight", "errors/#module-errors-state-dict-size"),
    (
        "a leaf Variable that requires grad is being used in an in-place operation",
        "errors/#autograd-errors-leaf-in-place",
    ),
    ("ValueError: optimizer got an empty parameter list", "errors/#module-errors-empty-optimizer"),
    ("why is my gpu utilization low", "speed/"),
    ("image normalization mean std", "transforms/#normalize"),
    ("dataparallel vs distributeddataparallel", "distributed/#why-ddp"),
    ("register_buffer", "parameters/#parameter-or-buffer"),
    ("contiguous", "views/#contiguous-copies"),
    ("tensorboard", "visualization/"),
    ("autograd function custom backward", "autograd/#custom-function"),
    ("flash attention", "speed/#attention-backends"),
    ("bfloat16 vs fp16", "precision/#bfloat-or-half"),
    ("collate_fn", "data/#collate-unequal"),
    ("why call super init", "modules/#super-init-first"),
    ("torch.cuda.synchronize", "speed/"),
    ("dataloader slow", "data/#worker-processes"),
    ("reproducible results", "reproducibility/#what-a-seed-fixes"),
]
CHINESE = [
    ("数据加载慢", "data/#worker-processes"),
    ("钩子", "pretrained/#look-inside-a-model"),
    ("梯度为什么要清零", "autograd/#gradients-accumulate"),
    ("模型保存", "parameters/#save-and-load"),
    ("显存不够", "memory/#out-of-memory"),
    ("爆显存怎么办", "memory/#out-of-memory"),
    ("学习率衰减", "optimizers/#schedule-the-rate"),
    ("多卡训练", "distributed/"),
    ("数据增强", "transforms/"),
    ("view和reshape的区别", "views/#view-or-reshape"),
    ("冻结某些层", "finetuning/"),
    ("动态图和静态图的区别", "pytorch/#dynamic-graph"),
    ("第二次反向传播报错", "autograd/#second-backward"),
    ("梯度裁剪", "optimizers/#clip-gradients"),
    ("混合精度训练", "precision/#autocast"),
    ("固定随机种子", "reproducibility/#what-a-seed-fixes"),
    ("反卷积", "convolution/#transposed-convolution"),
    ("感受野计算", "convolution/#receptive-field"),
    ("形状不匹配", "errors/#shape-errors"),
    ("迁移学习", "finetuning/#how-to-finetune"),
    ("交叉熵要不要加softmax", "training/#logits-not-probabilities"),
    ("model.eval()和no_grad的区别", "training/#validation-needs-both"),
    ("张量转numpy", "tensors/#tensor-to-numpy"),
    ("多进程加载数据", "data/#worker-processes"),
    ("权重初始化", "functional/"),
    ("DP和DDP的区别", "distributed/#why-ddp"),
    ("样本不均衡", "data/#weighted-sampling"),
    ("自定义数据集", "data/#dataset-protocol"),
    ("断点续训", "reproducibility/#resume-exactly"),
    ("梯度累积", "training/#accumulate-gradients"),
    ("统计参数量", "parameters/#iterate-parameters"),
    ("批归一化测试时", "layers/#batchnorm-train-or-eval"),
    ("叶子节点", "autograd/"),
    ("广播机制", "errors/#silent-broadcasting"),
    ("requires_grad", "autograd/"),
    ("torch.no_grad", "autograd/#no-grad-or-detach"),
    ("mat1 and mat2 shapes cannot be multiplied", "errors/#shape-errors-matmul"),
    ("element 0 of tensors does not require grad", "errors/#autograd-errors-no-grad-fn"),
    ("CUDA out of memory", "memory/#out-of-memory"),
    ("损失不下降", "training/"),
    ("怎么在cpu上加载gpu模型", "gpu/#load-on-another-device"),
    ("train和eval的区别", "layers/"),
    ("什么是叶子张量", "autograd/"),
    ("tensor和Tensor有什么不同", "tensors/#tensor-is-a-factory"),
    ("detach和clone", "views/"),
    ("ModuleList和Sequential", "modules/"),
    ("权重衰减", "optimizers/#adam-or-adamw"),
    ("梯度检查点", "memory/"),
    ("广播", "errors/#silent-broadcasting"),
    ("LSTM输出维度", "layers/#lstm-shapes"),
    ("加载模型参数不匹配", "pretrained/"),
    ("GPU利用率低", "speed/"),
    ("图像归一化", "transforms/#normalize"),
    ("分布式训练", "distributed/"),
    ("register_buffer是什么", "parameters/#parameter-or-buffer"),
    ("张量不连续", "views/"),
    ("怎么画loss曲线", "visualization/#log-the-loss"),
    ("自定义反向传播", "autograd/#custom-function"),
    ("数据加载慢", "data/"),
    ("collate_fn", "data/#collate-unequal"),
    ("batchnorm冻结", "finetuning/#frozen-batchnorm"),
    ("requires_grad=False", "finetuning/"),
    ("模型参数初始化", "functional/"),
    ("异步执行", "speed/#asynchronous-launch"),
    ("计算准确率", "training/#average-loss"),
    ("tensorflow和pytorch对比", "pytorch/#pytorch-or-tensorflow"),
    ("锁页内存", "speed/#pinned-memory"),
    ("卷积输出尺寸公式", "convolution/#output-size"),
    ("替换最后一层", "finetuning/#replace-the-head"),
    ("二次反向传播", "autograd/#second-backward"),
    ("显存占用高", "gpu/#what-fills-memory"),
    ("RuntimeError: CUDA error: out of memory", "memory/#out-of-memory"),
]
QUERIES = {"en": ENGLISH, "zh": CHINESE}


def read_index(home: str) -> dict:
    with urlopen(home + INDEX) as answer:
        return json.load(answer)


class Search:
    """The search box of a page."""

    def __init__(self, page: Page) -> None:
        self.box = page.locator("[data-md-component=search-query]")
        self.results = page.locator(".md-search-result__item")

    def ask(self, query: str) -> None:
        """Type a query and wait for its results; those of the last one are gone."""
        self.box.fill("")
        self.results.first.wait_for(state="detached")
        self.box.fill(query)  # as one who pastes: no key is pressed
        self.results.first.wait_for(state="attached")

    def first_links(self, home: str) -> list[str]:
        """Links of the first three results, without marks."""
        links = self.results.evaluate_all(LINKS)
        return [re.sub(r"\?h=[^#]*", "", link.removeprefix(home)) for link in links]


def test_queries_find_what_they_mean_among_the_first_three(page, home, language):
    page.goto(home)
    search, missed = Search(page), []
    for query, meant in QUERIES[language]:
        search.ask(query)
        links = search.first_links(home)
        if not any(link == meant or link.partition("#")[0] == meant for link in links):
            missed.append((query, meant, links))
    assert missed == []


@pytest.mark.parametrize("width", [390, 1440])
def test_results_show_answers_and_nothing_that_is_for_the_index(page, home, language):
    page.goto(home)
    if page.viewport_size["width"] == 390:
        page.locator(".md-header__button[for=__search]").click()
    search = Search(page)
    search.ask("zero_grad")
    texts = search.results.all_inner_texts()
    assert len(texts) > 3
    for noise in ("\u200b", "# >", "import torch", "In 30 seconds", "30 秒回答"):
        assert not any(noise in text for text in texts), noise
    assert search.results.first.locator("mark").count() > 0


def test_index_is_loaded_at_the_first_query_only(page, home):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(f"{home}views/", wait_until="networkidle")
    assert not any(path.endswith(INDEX) for path in asked)
    search = Search(page)
    for query in ("view", "reshape"):
        search.ask(query)
    assert sum(path.endswith(INDEX) for path in asked) == 1


def test_a_query_after_a_failed_one_loads_the_index_again(page, site, complaints):
    def fail(route: Route) -> None:
        route.abort()
        page.unroute(f"**/{INDEX}")

    page.route(f"**/{INDEX}", fail)
    page.goto(site)
    search = Search(page)
    with page.expect_console_message():
        search.box.fill("reshape")
    search.ask("view or reshape")
    assert "views/#view-or-reshape" in search.first_links(site)
    complaints.clear()  # of the request that failed


@pytest.mark.parametrize("name", ["", "views/", "errors/"])
def test_a_first_view_is_small(new_page, home, name):
    page = new_page(fresh=True)
    sizes: dict[str, int] = {}
    page.on(
        "response", lambda answer: sizes.update({answer.url: len(gzip.compress(answer.body()))})
    )
    page.goto(home + name, wait_until="networkidle")
    assert sum(sizes.values()) < FIRST_VIEW, sizes


def test_index_holds_chinese_words_and_no_noise(home, language):
    text = json.dumps(read_index(home)["docs"], ensure_ascii=False)
    assert ("\u200b" in text) == (language == "zh")
    for noise in ("<pre>", "# >", "In 30 seconds", "30 \u200b秒\u200b回答"):
        assert noise not in text


def test_every_synonym_leads_to_words_of_the_pages(home, language):
    docs = json.dumps(read_index(home)["docs"], ensure_ascii=False).replace("\u200b", "").lower()
    synonyms = yaml.safe_load((ROOT / "docs/_hooks/search.yml").read_text("utf-8"))[language]
    strange = [
        (typed, word)
        for typed, meant in synonyms.items()
        for word in meant.lower().replace("-", " ").split()
        if not re.search(rf"(?<![a-z0-9_]){re.escape(word)}", docs)
    ]
    assert strange == []
