local function counter(step)
  local n = 0
  return function() n = n + step; return n end
end
local function numbers(n) return coroutine.wrap(function() for i = 0, n - 1 do coroutine.yield(i) end end) end
local function evens(source) return coroutine.wrap(function() for i in source do if i % 2 == 0 then coroutine.yield(i) end end end) end
local c = counter(3)
for i = 1, 600000 do c() end
local total = 0
for i in evens(numbers(600000)) do total = total + i end
for x in coroutine.wrap(function() for x = 0, 199999 do coroutine.yield(x * x) end end) do total = total + x end
local squares, count = {}, 0
for i = 0, 39999 do local row = {}; for j = 0, 4 do row[#row + 1] = j end; squares[i] = row; count = count + 1 end
print(c() .. " " .. total .. " " .. count)
