"""Runs the aws command line again and again in one interpreter, which starts it up once instead of each time.

Reads one JSON list of arguments per line; answers each with one line {"code", "stdout", "stderr"}.
"""
import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver

answers = sys.stdout
for line in sys.stdin:
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            code = create_clidriver().main(json.loads(line))
        except SystemExit as stop:
            code = stop.code
    json.dump({"code": code, "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}, answers)
    answers.write("\n")
    answers.flush()
