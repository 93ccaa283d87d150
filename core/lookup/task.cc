#include "core/lookup/task.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

bool NeedsUrl(const ContactTask& task) {
  return task.full_url != UrlNeed::kNo || task.preview_url != UrlNeed::kNo;
}

// The other task's stored id differs, so "if the id changed" becomes "always".
UrlNeed WithoutStoredId(UrlNeed need) {
  return need == UrlNeed::kNo ? need : UrlNeed::kAlways;
}

}  // namespace

std::string SharingKey(const ContactTask& task) {
  return absl::StrCat(task.contact.jid.user, "@", task.contact.jid.server, "\n",
                      task.only_session);
}

bool Covers(const ContactTask& has, const ContactTask& needs) {
  if (needs.full_url > has.full_url) return false;
  if (needs.preview_url > has.preview_url) return false;
  // `has` may end without a URL if the picture id equals its caller's existing
  // id.
  return !NeedsUrl(needs) || has.existing_id.empty() ||
         has.existing_id == needs.existing_id;
}

void Widen(const ContactTask& more, ContactTask* task) {
  if (!NeedsUrl(*task)) {
    task->existing_id = more.existing_id;
  } else if (NeedsUrl(more) && task->existing_id != more.existing_id) {
    task->existing_id.clear();
  }
  if (task->stored_id != more.stored_id) {
    task->full_url = WithoutStoredId(task->full_url);
    task->preview_url = WithoutStoredId(task->preview_url);
  }
  task->full_url = std::max(task->full_url, more.full_url);
  task->preview_url = std::max(task->preview_url, more.preview_url);
  task->stored_registration = more.stored_registration;
  task->stored_id = more.stored_id;
  task->stored_state = more.stored_state;
  task->stored_state_is_fresh = more.stored_state_is_fresh;
}

}  // namespace portrait
