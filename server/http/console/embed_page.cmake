# Writes a C++ file that holds all files of a page.
#
#   cmake -DOUT=FILE.cc "-DFILES=PATH;…" -P embed_page.cmake
set(arrays "")
set(table "")
set(number 0)
foreach(path ${FILES})
  get_filename_component(name ${path} NAME)
  file(SHA256 ${path} sha256)
  file(READ ${path} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays
    "constexpr unsigned char kPageFile${number}[] = {${bytes}0};\n")
  string(APPEND table
    "      {\"${name}\", \"${sha256}\",\n"
    "       absl::string_view(\n"
    "           reinterpret_cast<const char*>(kPageFile${number}), ${size})},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}
"#include \"server/http/console/page_files.h\"
namespace portrait::http {
namespace {
${arrays}}  // namespace
absl::Span<const PageFile> PageFiles() {
  static const PageFile kFiles[] = {
${table}  };
  return kFiles;
}
}  // namespace portrait::http
")
