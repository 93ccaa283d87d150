// Fuzzes the answer to a picture query, as a decrypted frame, for each kind of
// query: people, groups, communities, many groups at once.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/picture_query.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::Jid;
using whatsapp::Node;
using whatsapp::PictureAnswer;
using whatsapp::PictureQuery;

void ExpectAnswer(const PictureAnswer& answer, const PictureQuery& query) {
  using Outcome = PictureAnswer::Outcome;
  const bool found = answer.outcome == Outcome::kFound;
  Expect(found == !answer.url.empty(), "a URL is told of what was found");
  Expect(found == !answer.id.empty(), "so is an id");
  Expect(answer.outcome != Outcome::kUnchanged || !query.existing_id.empty(),
         "unchanged is what was known");
  whatsapp::UrlExpireTime(answer.url);
}

// The groups that make_corpora.py uses.
const std::vector<Jid>& Groups() {
  static const auto& groups =
      *new std::vector<Jid>{{"120363041234567890", whatsapp::kGroupServer},
                            {"120363041234567891", whatsapp::kGroupServer},
                            {"120363041234567890", whatsapp::kGroupServer}};
  return groups;
}

void ExpectAnswerOrError(const absl::StatusOr<PictureAnswer>& answer,
                         const PictureQuery& query) {
  if (!answer.ok()) return ExpectPresentable(answer.status());
  ExpectAnswer(*answer, query);
}

void RunGroups(const Node& iq) {
  const auto answers = whatsapp::ParseGroupPicturesAnswer(iq, Groups());
  if (!answers.ok()) return ExpectPresentable(answers.status());
  Expect(answers->size() == Groups().size(), "each group has its place");
  for (size_t i = 0; i < Groups().size(); ++i) {
    PictureQuery query;
    query.target = Groups()[i];
    if ((*answers)[i].has_value()) ExpectAnswerOrError(*(*answers)[i], query);
  }
}

void Run(absl::string_view plaintext) {
  const auto node = whatsapp::DecodeNode(plaintext);
  if (!node.ok()) return;
  for (const Jid& target :
       {whatsapp::PhoneNumberJid("13105551234"), Groups()[0]}) {
    for (const char* existing : {"", "1763716800"}) {
      PictureQuery query;
      query.target = target;
      query.existing_id = existing;
      ExpectAnswerOrError(whatsapp::ParsePictureAnswer(*node, query), query);
    }
  }
  RunGroups(*node);
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
