local function check(i) if i % 3 == 0 then error({ "no " .. i }) end return i end
local caught, total = 0, 0
for i = 0, 299999 do
  local ok, got = pcall(check, i)
  if ok then total = total + got else caught = caught + #got end
  total = total + 1
end
caught = caught + 1
print(caught .. " " .. total)
