"""Pixels in and out: decoding, sizing and encoding of pictures."""

from impasto.images.codec import check_writable, decode, encode
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size

__all__ = ["Picture", "check_writable", "decode", "encode", "resize", "scaled_size"]
