"""CAM++: a speaker embedding network, whose embeddings of one voice are near to each other.

The network of "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware Masking"
(arXiv:2303.00332), with the sizes and the parameter names of its published weights. Shapes: B batch, C channels,
F mel bands, T frames of 10 ms (half as many after the first time-delay layer).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 -- its usual name
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from pipeline.listening.models.tensor_files import load_tensors

DIMENSION = 192
"""The length of an embedding."""

NUM_BANDS = 80
"""Mel bands of the input features."""

_HEAD_CHANNELS = 32
_GROWTH = 32
"""Channels of the first convolutions, and channels that each densely connected layer adds (the growth rate). These and
the sizes below are those of the published weights."""

_SEGMENT = 100
"""Frames of a segment; the mean of a segment (2 s) is the local context of the mask."""

_BLOCKS = ((12, 1), (24, 2), (16, 2))
"""Layers and dilation of each dense block."""


def _activated(channels: int) -> nn.Sequential:
    """Batch normalization and ReLU."""
    return nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(channels), relu=nn.ReLU(inplace=True)))


class _Residual(nn.Module):  # type: ignore[misc] # torch is not read by the type checker
    """A residual block of two 3x3 convolutions; the first may halve the number of bands."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        channels = _HEAD_CHANNELS
        self.conv1 = nn.Conv2d(channels, channels, 3, stride=(stride, 1), padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        halved = (nn.Conv2d(channels, channels, 1, stride=(stride, 1), bias=False), nn.BatchNorm2d(channels))
        self.shortcut = nn.Sequential(*(halved if stride > 1 else ()))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, 32, F, T) to (B, 32, F / stride, T)."""
        inner = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))
        return F.relu(inner + self.shortcut(x), inplace=True)


class _Head(nn.Module):  # type: ignore[misc] # the same
    """The front end: 2-D convolutions over bands and time, which reduce the bands to an eighth."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, _HEAD_CHANNELS, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(_HEAD_CHANNELS)
        self.layer1 = nn.Sequential(_Residual(2), _Residual(1))
        self.layer2 = nn.Sequential(_Residual(2), _Residual(1))
        self.conv2 = nn.Conv2d(_HEAD_CHANNELS, _HEAD_CHANNELS, 3, stride=(2, 1), padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(_HEAD_CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, F, T) to (B, 32 * F / 8, T)."""
        x = F.relu(self.bn1(self.conv1(x[:, None])), inplace=True)
        x = F.relu(self.bn2(self.conv2(self.layer2(self.layer1(x)))), inplace=True)
        return x.flatten(1, 2)


class _Masked(nn.Module):  # type: ignore[misc] # the same
    """Context-aware masking: a convolution, weighted by a mask from the mean of the utterance and of the segment."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(channels, _GROWTH, 3, padding=dilation, dilation=dilation, bias=False)
        self.linear1 = nn.Conv1d(channels, channels // 2, 1)
        self.linear2 = nn.Conv1d(channels // 2, _GROWTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, C, T) to (B, 32, T)."""
        # The mask is constant within a segment, so it is computed once for each: (B, C, number of segments).
        context = x.mean(-1, keepdim=True) + F.avg_pool1d(x, _SEGMENT, _SEGMENT, ceil_mode=True)
        mask = torch.sigmoid(self.linear2(F.relu(self.linear1(context))))
        return self.linear_local(x) * mask.repeat_interleave(_SEGMENT, -1)[..., : x.shape[-1]]


class _DenseLayer(nn.Module):  # type: ignore[misc] # the same
    """A bottleneck of 128 channels and a masked convolution."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        bottleneck = 4 * _GROWTH
        self.nonlinear1 = _activated(channels)
        self.linear1 = nn.Conv1d(channels, bottleneck, 1, bias=False)
        self.nonlinear2 = _activated(bottleneck)
        self.cam_layer = _Masked(bottleneck, dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, C, T) to (B, C + 32, T): the input and 32 new channels."""
        return torch.cat([x, self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))], 1)


class _Transition(nn.Module):  # type: ignore[misc] # the same
    """A transition layer: halves the number of channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.nonlinear = _activated(channels)
        self.linear = nn.Conv1d(channels, channels // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, C, T) to (B, C / 2, T)."""
        return self.linear(self.nonlinear(x))


class _TimeDelay(nn.Module):  # type: ignore[misc] # the same
    """The first time-delay layer, with stride 2."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(_HEAD_CHANNELS * NUM_BANDS // 8, channels, 5, stride=2, padding=2, bias=False)
        self.nonlinear = _activated(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, 320, T) to (B, 128, T / 2)."""
        return self.nonlinear(self.linear(x))


class _Statistics(nn.Module):  # type: ignore[misc] # the same
    """Statistics pooling: mean and standard deviation over time."""

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, C, T) to (B, 2 * C)."""
        return torch.cat([x.mean(-1), x.std(-1)], 1)


class _Dense(nn.Module):  # type: ignore[misc] # the same
    """The last layer: statistics to the embedding."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(channels, DIMENSION, 1, bias=False)
        self.nonlinear = nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(DIMENSION, affine=False)))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, C) to (B, 192)."""
        return self.nonlinear(self.linear(x[..., None])[..., 0])


class CamPlusPlus(nn.Module):  # type: ignore[misc] # the same
    """The whole network."""

    def __init__(self) -> None:
        super().__init__()
        channels = 4 * _GROWTH
        layers: OrderedDict[str, nn.Module] = OrderedDict(tdnn=_TimeDelay(channels))
        for number, (depth, dilation) in enumerate(_BLOCKS, 1):
            dense = OrderedDict((f"tdnnd{i + 1}", _DenseLayer(channels + i * _GROWTH, dilation)) for i in range(depth))
            channels += depth * _GROWTH
            layers[f"block{number}"] = nn.Sequential(dense)
            layers[f"transit{number}"] = _Transition(channels)
            channels //= 2
        layers.update(out_nonlinear=_activated(channels), stats=_Statistics(), dense=_Dense(2 * channels))
        self.head = _Head()
        self.xvector = nn.Sequential(layers)

    def forward(self, features: Tensor) -> Tensor:
        """Compute embeddings.

        Args:
            features: log mel filter banks minus their mean over time, float32, shape (B, T, 80), T of 3 or more.

        Returns:
            Shape (B, 192), not normalized.
        """
        return self.xvector(self.head(features.transpose(1, 2)))


_FOLDED: Mapping[type[nn.Module], Sequence[tuple[str, str]]] = {
    _Head: (("conv1", "bn1"), ("conv2", "bn2")),
    _Residual: (("conv1", "bn1"), ("conv2", "bn2"), ("shortcut.0", "shortcut.1")),
    _TimeDelay: (("linear", "nonlinear.batchnorm"),),
    _DenseLayer: (("linear1", "nonlinear2.batchnorm"),),
}
"""The convolutions with the batch normalization that follows directly, by the names within their module."""


def load_network(path: Path, sha256: str | None) -> CamPlusPlus:
    """Load the network with its published weights, in evaluation mode on the CPU.

    Args:
        sha256: what the file must have; None for the user's own.

    Raises:
        OSError: the file cannot be read.
        RuntimeError: the tensors in the file are not those of the network.
        ValueError: the file is not the published one, or is not a file of tensors.
    """
    network = CamPlusPlus()
    network.load_state_dict(load_tensors(path, sha256), strict=True)
    network.eval()
    _fold_normalization(network)
    network.head.to(memory_format=torch.channels_last)  # twice as fast on a CPU
    return network


def _fold_normalization(network: CamPlusPlus) -> None:
    """Fold each batch normalization that follows a convolution into its weights: 7 to 10 % of the network's time.

    The embeddings are the same, to float32's precision.

    Args:
        network: in evaluation mode.
    """
    for module in [*network.modules()]:
        parts = dict(module.named_modules())
        for convolution, normalization in _FOLDED.get(type(module), ()):
            if convolution in parts:  # not every residual block has a shortcut
                module.set_submodule(convolution, fuse_conv_bn_eval(parts[convolution], parts[normalization]))
                module.set_submodule(normalization, nn.Identity())
