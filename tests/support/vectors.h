// Published test vectors: tests/data/vectors/*.json, or those of the same form
// in the folder that PORTRAIT_VECTORS names.
#ifndef PORTRAIT_TESTS_SUPPORT_VECTORS_H_
#define PORTRAIT_TESTS_SUPPORT_VECTORS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/node.h"
#include "tests/support/json.h"

namespace portrait::testing {

// Null, and the test has failed, when the file is missing or no JSON.
Json ReadJsonFile(const std::string& path);

// The folder of this source tree's test data.
std::string TestDataDirectory();

// The file's "vectors". A test expects them not to be empty.
std::vector<Json> Vectors(const std::string& file);
// Those whose "kind" is so.
std::vector<Json> VectorsOfKind(const std::string& file,
                                absl::string_view kind);

// The bytes that a string of hex digits stands for; "" for null.
std::string Hex(const Json& json);
// {"private": …, "public": …}
whatsapp::KeyPair KeysOf(const Json& json);

// {"tag", "attrs", "content"}: a text with '@' stands for a JID, content is
// text, {"hex"}, an array of nodes or absent.
whatsapp::Node NodeOf(const Json& json);

}  // namespace portrait::testing

#endif  // PORTRAIT_TESTS_SUPPORT_VECTORS_H_
