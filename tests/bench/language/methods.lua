local Point = {}
Point.__index = function(t, k)
  if k == "sum" then return rawget(t, "x") + rawget(t, "y") end
  return Point[k]
end
local function point(x, y) return setmetatable({ x = x, y = y or 0 }, Point) end
Point.__add = function(a, b) return point(a.x + b.x, a.y + b.y) end
function Point.move(self, dx, dy) self.x = self.x + dx; self.y = self.y + dy; return self end
function Point.at(self, i) if i ~= 0 then return self.y end return self.x end
local function shifted(x, y)
  local s = point(x, y)
  s.move = function(self, dx, dy) return Point.move(self, dx + 1, dy + 1) end
  return s
end
local total, p, q = 0, point(0), shifted(1, 2)
for i = 0, 149999 do
  p:move(i, 1)
  q:move(1, 2)
  local r = p + q
  total = total + r.sum + r:at(1) + point(i, 1).x
end
print(total)
