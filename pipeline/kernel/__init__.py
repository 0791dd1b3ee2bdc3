"""`pipeline.analyzer` and the model's arithmetic over raw UTF-8, for Numba to compile.

``tokens`` cuts a text into rows of `pipeline.table.Table.words`, ``terms`` looks its terms up,
``counts`` adds their weights, ``rows`` makes probabilities of the sums. Only `pipeline.scorer`
imports this, and only to compile it. Indices are plain 64-bit integers and pointers are not
checked: `pipeline.table.Table.load` checks that what stands in the arrays stays inside them.
"""
