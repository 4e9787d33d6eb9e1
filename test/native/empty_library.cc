// Nothing: what it is built to is a libtorch.so without CUDA behind it, which is all that packages want of it.
