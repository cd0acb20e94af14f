# instances, methods, attributes, properties, keyword arguments
class Point:
    def __init__(self, x, y=0):
        self.x = x
        self.y = y

    def move(self, dx, dy):
        self.x += dx
        self.y += dy
        return self

    @property
    def sum(self):
        return self.x + self.y

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __getitem__(self, i):
        return self.y if i else self.x

class Shifted(Point):
    def move(self, dx, dy):
        return super().move(dx + 1, dy + 1)

def run():
    total, p, q = 0, Point(0), Shifted(1, y=2)
    for i in range(150000):
        p.move(i, 1)
        q.move(1, dy=2)
        r = p + q
        total += r.sum + r[1] + Point(x=i, y=1).x
    return total
print(run())
