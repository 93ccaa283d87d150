// Reads published test vectors: tests/data/vectors/*.json, or files of the same
// form in the folder PORTRAIT_VECTORS.
#ifndef PORTRAIT_TESTS_SUPPORT_VECTORS_H_
#define PORTRAIT_TESTS_SUPPORT_VECTORS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/whatsapp/crypto.h"
#include "core/whatsapp/node.h"
#include "tests/support/json.h"

namespace portrait::testing {

// The file's "vectors". The test fails if there are none.
std::vector<Json> Vectors(const std::string& file);
// The vectors whose "kind" is `kind`.
std::vector<Json> VectorsOfKind(const std::string& file,
                                absl::string_view kind);

// The bytes of a string of hex digits; "" for null.
std::string Hex(const Json& json);
// Reads {"private": …, "public": …}.
whatsapp::KeyPair KeysOf(const Json& json);

// Reads {"tag", "attrs", "content"}: a text with '@' is a JID; content is text,
// {"hex"}, an array of nodes or absent.
whatsapp::Node NodeOf(const Json& json);

}  // namespace portrait::testing

#endif  // PORTRAIT_TESTS_SUPPORT_VECTORS_H_
