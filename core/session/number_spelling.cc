#include "core/session/number_spelling.h"

#include <utility>

namespace portrait {
namespace {

using whatsapp::UsyncUser;

const UsyncUser kLeftOut;

const UsyncUser& Find(const UsyncUsers& users, const whatsapp::Jid& jid) {
  const auto found = users.find(jid);
  return found == users.end() ? kLeftOut : *found->second;
}

bool IsRegistered(const UsyncUser& user) {
  return user.registered.value.value_or(false);
}

bool IsNobodys(const UsyncUser& user) {
  return user.registered.value.has_value() && !*user.registered.value;
}

}  // namespace

bool AsksBothSpellings(const ContactTask& task) {
  return task.urgent && !task.other_spelling.user.empty() &&
         !task.spelling_is_known && !task.other_is_nobodys;
}

const UsyncUser* PickSpelling(const UsyncUsers& users, ContactTask* task) {
  const UsyncUser& asked = Find(users, task->jid);
  if (task->other_spelling.user.empty() || IsRegistered(asked)) return &asked;
  if (task->other_is_nobodys) {
    // So are both.
    if (IsNobodys(asked)) std::swap(task->jid, task->other_spelling);
    return &asked;
  }
  if (!users.contains(task->other_spelling)) {
    if (!IsNobodys(asked)) return &asked;
    std::swap(task->jid, task->other_spelling);
    task->other_is_nobodys = true;
    return nullptr;
  }
  // Both were asked about. What is not known of the other is not known at all.
  const UsyncUser& other = Find(users, task->other_spelling);
  if (IsNobodys(other)) return &asked;
  std::swap(task->jid, task->other_spelling);
  return &other;
}

}  // namespace portrait
