"""`pipeline.model.features` and the model's arithmetic over raw UTF-8, for Numba to compile.

``tokens`` cuts a text into rows of `ModelArrays.words`, ``terms`` looks its terms up, ``sums`` adds
their weights, ``entry`` makes probabilities of the sums. Only `pipeline.inference.compiler` imports
this, and only to compile it. Indices are plain 64-bit integers and pointers are not checked:
`ModelArrays.load` checks that what stands in the arrays stays inside them.
"""
