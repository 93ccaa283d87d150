"""Reads gcov's results for a folder's sources after their tests ran.

Prints a line for each source file and a total: the number of executable lines
and the part that was run. Generated code and tests do not count.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys


def gcov_files(objects):
    """gcov's JSON data for each source of each object."""
    data = sorted(pathlib.Path(objects).rglob('*.gcda'))
    if not data:
        sys.exit(f'{objects}: no test ran; there is no *.gcda')
    for counts in data:
        output = subprocess.run(
            ['gcov', '--json-format', '--stdout', str(counts)],
            check=True, capture_output=True).stdout
        for line in output.splitlines():
            yield from json.loads(line)['files']


def count_lines(build, root, sources):
    """{file: {line: number of runs}}, over all objects."""
    counts = collections.defaultdict(dict)
    for entry in gcov_files(pathlib.Path(build, sources)):
        # Compilers get absolute paths, or paths relative to this folder.
        path = pathlib.Path(build, entry['file']).resolve()
        if not path.is_relative_to(root):
            continue
        name = str(path.relative_to(root))
        if not name.startswith(sources) or '_test' in name:
            continue
        lines = counts[name]
        for line in entry['lines']:
            number = line['line_number']
            lines[number] = lines.get(number, 0) + line['count']
    return counts


def ranges(numbers):
    """[3, 4, 5, 9] → '3-5, 9'."""
    texts = []
    first = last = None
    for number in [*sorted(numbers), None]:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None:
            texts.append(str(first) if first == last else f'{first}-{last}')
        first = last = number
    return ', '.join(texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--root', required=True)
    parser.add_argument('--build', required=True, help='its build folder')
    parser.add_argument('--sources', required=True, help='e.g. core/whatsapp/')
    parser.add_argument('--at-least', type=float, default=0, metavar='PERCENT')
    args = parser.parse_args()

    root = pathlib.Path(args.root).resolve()
    total = run = 0
    for name, lines in sorted(
            count_lines(args.build, root, args.sources).items()):
        if not lines:  # a header without code
            continue
        missed = [number for number, count in lines.items() if count == 0]
        total += len(lines)
        run += len(lines) - len(missed)
        part = 100 * (len(lines) - len(missed)) / len(lines)
        print(f'{part:6.1f} %  {len(lines):5}  {name}'
              f'{"  not: " + ranges(missed) if missed else ""}')
    percent = 100 * run / total
    print(f'{percent:6.1f} %  {total:5}  {args.sources}')
    if percent < args.at_least:
        sys.exit(f'less than {args.at_least} %')


if __name__ == '__main__':
    main()
