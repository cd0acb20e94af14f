# exceptions raised and caught
class Wrong(ValueError):
    pass

def check(i):
    if i % 3 == 0:
        raise Wrong("no " + str(i))
    return i

def run():
    caught = total = 0
    for i in range(300000):
        try:
            total += check(i)
        except KeyError:
            total = 0
        except ValueError as e:
            caught += len(e.args)
        finally:
            total += 1
    try:
        for i in range(3):
            {}["x"]
    except LookupError:
        caught += 1
    return caught, total
print(*run())
