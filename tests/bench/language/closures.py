# closures, generators, comprehensions
def counter(step):
    n = 0
    def count():
        nonlocal n
        n += step
        return n
    return count

def numbers(n):
    for i in range(n):
        yield i

def evens(source):
    for i in source:
        if i % 2 == 0:
            yield i

def run():
    c = counter(3)
    for i in range(600000):
        c()
    total = sum(evens(numbers(600000)))
    total += sum(x * x for x in range(200000))
    squares = {i: [j for j in range(5)] for i in range(40000)}
    return c(), total, len(squares)
print(*run())
