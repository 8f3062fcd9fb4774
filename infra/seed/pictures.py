"""Pictures drawn by a program: eight kinds, each always the same for the same seed."""

import io
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from infra.seed.strokes import (
    HEIGHT,
    SIZE,
    WIDTH,
    closed,
    crack,
    ear,
    height,
    meander,
    mixed,
    ridge,
    ripple,
    sky,
)

QUALITY = 90


def draw(kind: str, seed: str) -> bytes:
    """A JPEG of this kind; raises KeyError for a kind that nobody draws here."""
    picture = KINDS[kind](random.Random(seed))  # noqa: S311 - it decides how hills look
    file = io.BytesIO()
    _grained(picture).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def ridges(chance: random.Random) -> Image.Image:
    """Hills one behind another, the farther the paler."""
    hue = chance.choice(
        [((226, 220, 208), (44, 62, 72)), ((232, 214, 196), (58, 50, 66)), ((214, 224, 222), (38, 66, 58))]
    )
    picture = sky(*[mixed(hue[0], (255, 250, 240), part) for part in (0.0, 0.5)])
    brush = ImageDraw.Draw(picture)
    layers = chance.randint(6, 8)
    for layer in range(layers):
        depth = (layer + 1) / layers
        base = HEIGHT * (0.32 + 0.62 * depth)
        line = ridge(chance, base, height=136 * (1.1 - 0.55 * depth), roughness=0.55)
        brush.polygon(
            [*line, (WIDTH, HEIGHT), (0, HEIGHT)], fill=mixed(hue[0], hue[1], 0.18 + 0.8 * depth**1.3)
        )
    return picture


def sea(chance: random.Random) -> Image.Image:
    """Water to the horizon, with light on it."""
    above, below = chance.choice(
        [
            ((136, 158, 176), (232, 222, 200)),
            ((96, 118, 146), (242, 206, 170)),
            ((150, 160, 164), (214, 218, 216)),
        ]
    )
    picture = sky(above, below)
    horizon, glint = int(HEIGHT * chance.uniform(0.36, 0.48)), WIDTH * chance.uniform(0.3, 0.7)
    brush = ImageDraw.Draw(picture)
    near = mixed(above, (20, 30, 34), 0.65)
    y = float(horizon)
    while y < HEIGHT:
        depth = (y - horizon) / (HEIGHT - horizon)
        step = 2 + 9 * depth
        brush.rectangle((0, y, WIDTH, y + step), fill=mixed(mixed(above, below, 0.45), near, depth**0.6))
        for _ in range(26):
            ripple(brush, chance, y, depth=depth, glint=glint, light=mixed(below, (255, 255, 255), 0.3))
        y += step
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def stars(chance: random.Random) -> Image.Image:
    """The sky turning round its pole for an hour, over a hill."""
    picture = sky((8, 14, 30), (38, 54, 84))
    large = Image.new("L", (WIDTH * 2, HEIGHT * 2))
    brush = ImageDraw.Draw(large)
    pole = (WIDTH * 2 * chance.uniform(0.3, 0.7), HEIGHT * 2 * chance.uniform(0.3, 0.55))
    for _ in range(340):
        radius, start = 1760 * chance.random() ** 0.7, chance.uniform(0, 360)
        box = (pole[0] - radius, pole[1] - radius, pole[0] + radius, pole[1] + radius)
        brush.arc(
            box, start, start + chance.uniform(14, 22), fill=int(40 + 215 * chance.random() ** 3), width=3
        )
    trails = large.resize(SIZE, Image.Resampling.BILINEAR)
    picture.paste(Image.new("RGB", SIZE, (226, 230, 250)), mask=trails)
    hill = ridge(chance, HEIGHT * 0.9, height=72, roughness=0.5)
    ImageDraw.Draw(picture).polygon([*hill, (WIDTH, HEIGHT), (0, HEIGHT)], fill=(5, 8, 14))
    return picture


def rings(chance: random.Random) -> Image.Image:
    """The end of a trunk: one ring for each year, and a crack."""
    pale, dark = chance.choice(
        [
            ((214, 178, 124), (132, 92, 50)),
            ((224, 198, 156), (150, 112, 74)),
            ((196, 160, 120), (104, 70, 44)),
        ]
    )
    large = Image.new("RGB", SIZE, pale)
    brush = ImageDraw.Draw(large)
    heart = (WIDTH * chance.uniform(0.2, 0.45), HEIGHT * chance.uniform(0.45, 0.7))
    waves = [(chance.uniform(0.01, 0.035), number, chance.uniform(0, 6.3)) for number in (2, 3, 5, 7)]
    radius = 6.0
    while radius < 1000:
        tone = mixed(pale, dark, chance.uniform(0.25, 0.85))
        brush.line(closed(heart, radius, waves), fill=tone, width=chance.choice([1, 2, 2, 3]), joint="curve")
        radius += chance.uniform(5, 12)
    angle = chance.uniform(0, 0.6)
    brush.polygon(crack(heart, angle), fill=mixed(dark, (0, 0, 0), 0.5))
    return large.filter(ImageFilter.GaussianBlur(0.7))


def grain(chance: random.Random) -> Image.Image:
    """A field, close to: ears that lean one way."""
    light, deep = chance.choice(
        [
            ((244, 226, 180), (150, 108, 44)),
            ((236, 222, 190), (124, 96, 56)),
            ((240, 214, 176), (158, 92, 52)),
        ]
    )
    picture = sky(mixed(light, (200, 214, 222), 0.5), light)
    lean = chance.choice([-1, 1]) * chance.uniform(0.25, 0.45)
    for row in range(4):
        brush = ImageDraw.Draw(picture)
        depth = row / 3
        for _ in range(28):
            foot = (chance.uniform(-150, WIDTH + 150), HEIGHT + 40.0)
            tall = HEIGHT * (0.78 - 0.4 * depth) * chance.uniform(0.85, 1.1)
            ear(
                brush,
                chance,
                foot,
                tall=tall,
                lean=lean,
                colour=mixed(light, deep, 0.3 + 0.6 * depth * chance.uniform(0.8, 1.1)),
            )
        if row < 3:
            picture = picture.filter(ImageFilter.GaussianBlur(2.2 - 0.5 * row))
    return picture


def river(chance: random.Random) -> Image.Image:
    """A river in loops, and the beds that it has left, from above."""
    land, water = chance.choice(
        [((74, 92, 70), (206, 216, 206)), ((116, 102, 76), (214, 222, 220)), ((58, 78, 84), (216, 206, 186))]
    )
    picture = Image.new("RGB", SIZE, land)
    patches = Image.frombytes("L", (24, 16), chance.randbytes(24 * 16)).resize(SIZE, Image.Resampling.BICUBIC)
    picture = Image.blend(
        picture, Image.composite(picture, Image.new("RGB", SIZE, mixed(land, (0, 0, 0), 0.5)), patches), 0.6
    )
    brush = ImageDraw.Draw(picture)
    course = chance.random()
    for age in range(6, -1, -1):
        line = meander(random.Random(course), age=age)  # noqa: S311 - the same river, at an earlier time
        tone = water if age == 0 else mixed(mixed(land, water, 0.3), land, age / 7)
        width = 27 if age == 0 else 18
        brush.line(line, fill=tone, width=width, joint="curve")
        for x, y in line[:: 2 if age == 0 else 3]:
            brush.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=tone)
    return picture.filter(ImageFilter.GaussianBlur(1.1))


def lamps(chance: random.Random) -> Image.Image:
    """Lights at night, out of focus, and their reflections."""
    picture = sky((14, 18, 30), (44, 38, 46))
    warm = [(255, 196, 112), (255, 170, 84), (255, 220, 160), (214, 226, 255)]
    ground = HEIGHT * chance.uniform(0.6, 0.72)
    for _ in range(46):
        glow = Image.new("RGB", SIZE)
        brush = ImageDraw.Draw(glow)
        far = chance.random() ** 1.6
        radius, x = 6 + 50 * far, chance.uniform(0, WIDTH)
        y = ground - 24 - 304 * far * chance.uniform(0.4, 1)
        colour = mixed((0, 0, 0), chance.choice(warm), chance.uniform(0.25, 0.75) * (1 - 0.45 * far))
        box = [int(each) for each in (x - radius, y - radius, x + radius, y + radius)]
        brush.ellipse(box, fill=colour, outline=mixed(colour, (255, 255, 255), 0.15))
        depth = ground + (ground - y) * 0.5
        brush.ellipse(
            (x - radius * 0.7, depth - radius * 0.3, x + radius * 0.7, depth + radius * 1.6),
            fill=mixed((0, 0, 0), colour, 0.3),
        )
        reach = (max(0, box[0] - 2), max(0, box[1] - 2), min(WIDTH, box[2] + 2), HEIGHT)
        picture.paste(ImageChops.add(picture.crop(reach), glow.crop(reach)), reach[:2])
    return picture.filter(ImageFilter.GaussianBlur(1.6))


def contours(chance: random.Random) -> Image.Image:
    """A map of no place: lines of equal height, every fifth one stronger."""
    paper, ink = chance.choice(
        [((240, 236, 222), (150, 98, 60)), ((232, 236, 226), (96, 110, 78)), ((238, 232, 226), (120, 84, 90))]
    )
    hills = [
        (chance.uniform(0, 120), chance.uniform(0, 80), chance.uniform(10, 30), chance.uniform(-1, 1.6))
        for _ in range(13)
    ]
    heights = Image.new("F", (120, 80))
    heights.putdata([height(hills, x, y) for y in range(80) for x in range(120)])
    smooth = heights.resize(SIZE, Image.Resampling.BICUBIC)
    picture = Image.new("RGB", SIZE, paper)
    for spacing, strength in ((9.0, 0.55), (45.0, 1.0)):
        steps = smooth.point(lambda value, by=spacing: value * (1 / by) + 100).convert("L")
        across, down = (
            ImageChops.difference(steps, ImageChops.offset(steps, *by)) for by in ((1, 0), (0, 1))
        )
        edges = ImageChops.lighter(across, down).point(lambda value: 255 if value else 0)
        edges = edges.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.GaussianBlur(0.7))
        picture.paste(Image.new("RGB", SIZE, mixed(paper, ink, strength)), mask=edges)
    return picture


KINDS: dict[str, Callable[[random.Random], Image.Image]] = {
    each.__name__: each for each in (ridges, sea, stars, rings, grain, river, lamps, contours)
}


def _grained(picture: Image.Image) -> Image.Image:
    """With a little unevenness, so that large plain parts are not dead."""
    noise = Image.frombytes("L", (400, 267), random.Random(1).randbytes(400 * 267)).resize(SIZE)  # noqa: S311
    return Image.blend(picture, ImageChops.overlay(picture, noise.convert("RGB")), 0.06)
