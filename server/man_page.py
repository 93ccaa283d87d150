"""Makes the manual page of portraitd from its --help.

    man_page.py PORTRAITD PAGE
"""

import re
import subprocess
import sys

# A variable, or at least two spaces, separate a flag from its description.
ENTRY = re.compile(r"^  (-\S.*? \(Env:\w+\)|-\S.*?(?=  |$)) *(\S.*)?$")
CONTINUED = re.compile(r"^ {20,}(\S.*)$")
ENVIRONMENT = re.compile(r" \(Env:(\w+)\)")


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def entry(flags, about):
    """A flag with its environment variable and its description."""
    variable = ENVIRONMENT.search(flags)
    lines = [".TP", f"\\fB{escape(ENVIRONMENT.sub('', flags))}\\fP"]
    lines += [escape(line) for line in about]
    if variable:
        lines += [".br", f"Environment: \\fB{variable[1]}\\fP"]
    return lines


def page(help_text, version):
    about, _, rest = help_text.partition("Usage:")
    name, *more = about.strip().splitlines()
    lines = [f'.TH PORTRAITD 8 "" "{version}"', ".SH NAME",
             "portraitd \\- " + escape(
                 name.removeprefix("portraitd ").rstrip(".")),
             ".SH SYNOPSIS", "\\fBportraitd\\fP [\\fIFLAGS\\fP]",
             ".SH DESCRIPTION", *map(escape, more), ".SH FLAGS"]
    flags, described = None, []
    for line in [*rest.splitlines()[1:], "END:"]:
        found, continued = ENTRY.match(line), CONTINUED.match(line)
        if continued and flags:
            described.append(continued[1])
            continue
        if flags:
            lines += entry(flags, described)
        flags, described = None, []
        if found:
            flags = found[1]
            described = [found[2]] if found[2] else []
        elif re.fullmatch(r"\w[\w ]*:", line) and line not in (
                "Options:", "END:"):
            lines += [".SS " + escape(line[:-1])]
    return "\n".join([*lines, ".SH SEE ALSO", "\\fBportrait\\fP(1)", ""])


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          timeout=60).stdout


if __name__ == "__main__":
    portraitd, target = sys.argv[1:]
    with open(target, "w", encoding="utf-8") as file:
        file.write(page(output(portraitd, "--help"),
                        "portraitd " + output(portraitd, "--version").strip()))
