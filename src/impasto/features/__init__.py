"""Image to named feature maps: the frozen networks that pictures are measured with."""
