// The commands of `portrait` and their flags as plain data, from which shell
// completion and manual pages are made.
#ifndef PORTRAIT_CLIENT_CLI_COMMAND_TREE_H_
#define PORTRAIT_CLIENT_CLI_COMMAND_TREE_H_

#include <string>
#include <vector>

namespace portrait::cli {

struct FlagInfo {
  std::vector<std::string> names;  // "-o", "--output"
  std::string about;
  bool takes_value = false;
  std::vector<std::string> choices = {};  // allowed values; empty: any
  std::string environment = "";           // the variable that sets it, or empty
  std::string initial = "";  // its value if it is not given, or empty
};

struct ArgumentInfo {
  std::string name;  // "CONTACT"
  std::string about;
  bool required = false;
  bool repeated = false;
};

struct CommandInfo {
  std::string path;  // "session pair"; empty: the program itself
  std::string about;
  std::string footer;
  std::vector<ArgumentInfo> arguments;
  std::vector<FlagInfo> flags;  // without the flags of its parent commands
  std::vector<CommandInfo> commands;

  // The last word of the path.
  std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

// `root` and every command below it, each before its own commands.
std::vector<const CommandInfo*> AllCommands(const CommandInfo& root);

// The first sentence of a description, without its full stop.
std::string FirstSentence(const std::string& about);

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_COMMAND_TREE_H_
