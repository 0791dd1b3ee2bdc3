"""Machine code of the kernel: compiled once, kept as an object file, loaded without Numba."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import stat
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from pipeline.files import write_atomically

_ENTRY = "score_rows"
_NAME = re.compile(r"kernel-[0-9a-f]{16}\.o|\.kernel-[0-9a-f]{16}\.o\.\d+")
_DIGEST = (
    hashlib.sha256().digest_size
)  # of the machine code behind it: LLVM trusts what it is given
_MOST_KEPT = 4
_UNFOLLOWED = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@cache
def compiled_kernel() -> Any:
    """Return the machine code as a function of addresses, which releases the GIL."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    code = _kept() or _compile()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    form = ctypes.CFUNCTYPE(
        *(ctypes.c_int32, pointer, pointer),
        *(pointer, pointer, pointer, pointer, number, number, pointer, pointer),
    )
    function = form(engine.get_function_address(_ENTRY))
    # where Numba's functions would leave a result and an error
    unused = ctypes.create_string_buffer(8), ctypes.create_string_buffer(8)

    def run(*arguments: Any, _alive: Any = engine) -> None:
        function(*unused, *arguments)

    return run


def is_compiled() -> bool:
    """Return whether there is machine code for this processor, or it has yet to be compiled."""
    return _kept() is not None


def _machine() -> llvm.TargetMachine:
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        jit=True,
    )


def _compile() -> bytes:
    import numba

    from pipeline.inference.kernel.entry import SIGNATURE, score_rows

    compiled = numba.cfunc(SIGNATURE, error_model="numpy")(score_rows)
    wrapper = compiled.native_name
    module = llvm.parse_assembly(
        compiled.inspect_llvm().replace(wrapper.removeprefix("cfunc."), _ENTRY)
    )
    for function in module.functions:
        if not function.is_declaration and function.name != _ENTRY:
            function.linkage = "internal"
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    machine = _machine()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.slp_vectorization = True
    passes.run(module, llvm.create_pass_builder(machine, options))
    code = bytes(machine.emit_object(module))
    _keep(code)
    return code


def kernel_sources() -> list[Path]:
    """List the sources that machine code depends on: the kernel's and what it imports."""
    here = Path(__file__).resolve().parent
    package = here.parent
    imported = [
        here / "array_format.py",
        package / "model/features.py",
        package / "model/lexicon.py",
    ]
    return [Path(__file__).resolve(), *imported, *sorted((here / "kernel").glob("*.py"))]


def _object_files() -> list[Path]:
    """List where machine code is kept: ``$STANCE_CACHE``, else beside this file, else at home."""
    digest = hashlib.sha256()
    for source in kernel_sources():
        digest.update(source.read_bytes())
    facts = (
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        llvmlite.__version__,
        sys.version,
    )
    digest.update(repr(facts).encode())
    name = f"kernel-{digest.hexdigest()[:16]}.o"
    chosen = os.environ.get("STANCE_CACHE")
    if chosen is not None:
        return [Path(chosen) / name] if chosen else []
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return [Path(__file__).parent / "__pycache__" / name, home / "stance" / name]


def _kept() -> bytes | None:
    """Read machine code that is whole, and that nobody else can have written."""
    for path in _object_files():
        content = _own_file(path)
        code = content[_DIGEST:] if content else b""
        if code and content and hashlib.sha256(code).digest() == content[:_DIGEST]:
            return code
    return None


def _own_file(path: Path) -> bytes | None:
    """Read a plain file of this user's; whatever else stands there is not opened."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with os.fdopen(os.open(path, _UNFOLLOWED), "rb") as file:
            status = os.fstat(file.fileno())
            own = not hasattr(os, "getuid") or status.st_uid in (os.getuid(), 0)
            shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            return file.read() if stat.S_ISREG(status.st_mode) and own and not shared else None
    except OSError:
        return None


def _keep(code: bytes) -> None:
    for path in _object_files():
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with write_atomically(path) as file:
                os.fchmod(file.fileno(), 0o644)
                file.write(hashlib.sha256(code).digest() + code)
            _clean_up(path.parent)
            return


def _clean_up(folder: Path) -> None:
    """Delete machine code of earlier sources; some may be of another processor or checkout."""
    found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    found.sort(key=lambda path: path.lstat().st_mtime, reverse=True)
    for path in found[_MOST_KEPT:]:
        path.unlink(missing_ok=True)
