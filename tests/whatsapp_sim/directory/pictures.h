// Picture queries for one contact or group, and setting one's own picture.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_PICTURES_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_PICTURES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/whatsapp/jid.h"
#include "core/whatsapp/node.h"
#include "tests/whatsapp_sim/network.h"
#include "tests/whatsapp_sim/protocol/stanzas.h"

namespace portrait::sim {

// Answers <iq xmlns="w:profile:picture">, get and set. Counts only queries
// about numbers that are not on WhatsApp.
Reaction ReactToPicture(const Asker& asker, const whatsapp::Node& iq);

// The answer to a picture query if the faults make it fail; otherwise
// nullopt.
std::optional<Reaction> FailedQuery(const Asker& asker,
                                    const whatsapp::Node& iq);

// The <picture> of an answer, with the given type ("image" or "preview").
whatsapp::Node PictureNode(const PictureUrls& urls, uint64_t subject,
                           const std::string& picture_id,
                           absl::string_view type);

// Sets the picture of `account` or of a group and, if `notify`, notifies the
// companions that have asked about it. ChangeNumber() moves the account
// `before` to another number.
//
// Errors: those of Directory::Override().
absl::Status ChangeNumber(Network& network, const Account& before,
                          uint64_t number, bool notify);
absl::Status ChangeAccount(Network& network, Account account, bool notify);
void ChangeGroupPicture(Network& network, const whatsapp::Jid& group,
                        Picture picture, bool notify);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_PICTURES_H_
