#include "client/cli/command_tree.h"

#include <algorithm>

namespace portrait::cli {

std::vector<const CommandInfo*> AllCommands(const CommandInfo& root) {
  std::vector<const CommandInfo*> all = {&root};
  for (const CommandInfo& command : root.commands) {
    const std::vector<const CommandInfo*> below = AllCommands(command);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

std::string FirstSentence(const std::string& about) {
  size_t end = std::min(about.find(". "), about.find('\n'));
  end = std::min(end, about.find("; "));
  std::string sentence = about.substr(0, end);
  if (!sentence.empty() && sentence.back() == '.') sentence.pop_back();
  return sentence;
}

}  // namespace portrait::cli
