# f-strings, %, format(), str methods
def run():
    size = 0
    for i in range(120000):
        size += len(f"{i:5d} {i / 7:.3f} {i:#06x}")
        size += len("%d of %s at %5.2f" % (i, "port", i / 3))
        size += len("{} {:>8} {name}".format(i, i * 2, name="x"))
        word = "Some Words, " + str(i)
        size += len(word.upper()) + len(word.split(",")) + word.find("Words") + len(word.replace("o", "0")) + len(word.strip("S"))
    return size
print(run())
