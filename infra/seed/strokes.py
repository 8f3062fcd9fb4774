"""What the pictures are drawn with: lines, colours, waves and ears, each from a given chance."""

import itertools
import math
import random

from PIL import Image, ImageDraw

SIZE = WIDTH, HEIGHT = 960, 640  # sharp enough for a column of 640, and soon drawn anew by the service
Colour = tuple[int, int, int]
Point = tuple[float, float]


def mixed(one: Colour, other: Colour, part: float) -> Colour:
    part = min(1.0, max(0.0, part))
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def sky(above: Colour, below: Colour) -> Image.Image:
    """From one colour down to another."""
    column = Image.linear_gradient("L").resize(SIZE)
    return Image.composite(Image.new("RGB", SIZE, below), Image.new("RGB", SIZE, above), column)


def ridge(chance: random.Random, base: float, *, height: float, roughness: float) -> list[Point]:
    """A line across the picture by halving: each middle is moved by less than the one before."""
    line = [chance.uniform(-height, height), chance.uniform(-height, height)]
    swing = height
    while len(line) < 257:
        middles = [(a + b) / 2 + chance.uniform(-swing, swing) for a, b in itertools.pairwise(line)]
        line = [each for pair in zip(line, [*middles, 0.0], strict=True) for each in pair][:-1]
        swing *= roughness
    return [(WIDTH * n / (len(line) - 1), base + each) for n, each in enumerate(line)]


def ripple(
    brush: ImageDraw.ImageDraw, chance: random.Random, y: float, *, depth: float, glint: float, light: Colour
) -> None:
    x = chance.gauss(glint, 48 + 340 * depth) if chance.random() < 0.5 else chance.uniform(0, WIDTH)
    length = 5 + 56 * depth * chance.random()
    nearness = math.exp(-(((x - glint) / (72 + 264 * depth)) ** 2))
    if chance.random() < 0.12 + nearness * 0.6:
        brush.line(
            (x, y, x + length, y),
            fill=mixed((120, 138, 150), light, 0.25 + 0.75 * nearness),
            width=1 + int(2 * depth),
        )
    else:
        brush.line((x, y, x + length, y), fill=(70, 84, 92), width=1)


def closed(heart: Point, radius: float, waves: list[tuple[float, int, float]]) -> list[Point]:
    line = []
    for step in range(97):
        angle = step / 96 * math.tau
        out = radius * (1 + sum(size * math.sin(count * angle + phase) for size, count, phase in waves))
        line.append((heart[0] + out * 1.12 * math.cos(angle), heart[1] + out * math.sin(angle)))
    return line


def crack(heart: Point, angle: float) -> list[Point]:
    edge = [
        (heart[0] + 1120 * math.cos(angle + by), heart[1] + 1120 * math.sin(angle + by))
        for by in (-0.012, 0.014)
    ]
    start = (heart[0] + 72 * math.cos(angle), heart[1] + 72 * math.sin(angle))
    return [start, *edge]


def ear(
    brush: ImageDraw.ImageDraw,
    chance: random.Random,
    foot: Point,
    *,
    tall: float,
    lean: float,
    colour: Colour,
) -> None:
    """A stalk, bent by the wind, with grains in two rows and their beards."""
    bend = lean * chance.uniform(0.7, 1.3)
    stalk = [(foot[0] + bend * tall * part**2, foot[1] - tall * part) for part in (n / 12 for n in range(13))]
    brush.line(stalk, fill=mixed(colour, (90, 96, 60), 0.25), width=3, joint="curve")
    tip, before = stalk[-1], stalk[-2]
    way = math.atan2(tip[1] - before[1], tip[0] - before[0])
    for n in range(9):
        x, y = tip[0] + 11 * n * math.cos(way), tip[1] + 11 * n * math.sin(way)
        for side in (-0.55, 0.55):
            end = (x + 16 * math.cos(way + side), y + 16 * math.sin(way + side))
            brush.line(((x, y), end), fill=colour, width=7)
            beard = (x + 64 * math.cos(way + side * 0.6), y + 64 * math.sin(way + side * 0.6))
            brush.line(((x, y), beard), fill=mixed(colour, (255, 244, 214), 0.45), width=1)


def meander(chance: random.Random, *, age: int) -> list[Point]:
    """Across the picture in loops: direction swings, as in real rivers, about the way that it goes."""
    x, y = -120.0, HEIGHT * chance.uniform(0.35, 0.65)
    line = [(x, y)]
    while x < WIDTH + 120 and len(line) < 2000:
        swing, length = chance.uniform(0.9, 2.05), chance.uniform(264, 608)
        swing *= 1 - 0.09 * age  # the loops grow with time
        for step in range(int(length / 6)):
            angle = swing * math.sin(step * 6 / length * math.tau) + chance.uniform(-0.05, 0.05)
            x, y = x + 6 * math.cos(angle), y + 6 * math.sin(angle) + (HEIGHT * 0.5 - y) * 0.0025
            line.append((x, y))
    return line


def height(hills: list[tuple[float, float, float, float]], x: float, y: float) -> float:
    return 130 * sum(
        rise * math.exp(-((x - left) ** 2 + (y - top) ** 2) / (2 * wide * wide))
        for left, top, wide, rise in hills
    )
