# Writes a C++ file that holds the content of other files.
#
#   cmake -DOUT=FILE.cc -DNAMESPACE=NAME "-DFILES=FUNCTION=PATH;…" -P embed.cmake
#
# For each FUNCTION there is `absl::string_view FUNCTION()`.
set(text "#include \"absl/strings/string_view.h\"\n")
string(APPEND text "namespace ${NAMESPACE} {\n")
foreach(entry ${FILES})
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${entry}")
  set(function ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND text
    "absl::string_view ${function}();\n"
    "absl::string_view ${function}() {\n"
    "  static constexpr unsigned char kBytes[] = {${bytes}0};\n"
    "  return absl::string_view(reinterpret_cast<const char*>(kBytes),\n"
    "                           sizeof(kBytes) - 1);\n"
    "}\n")
endforeach()
string(APPEND text "}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUT} "${text}")
