#include "client/cli/completion.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace portrait::cli {
namespace {

// The flags of `command` and of the program, which every command takes.
std::vector<FlagInfo> FlagsAt(const CommandInfo& root,
                              const CommandInfo& command) {
  std::vector<FlagInfo> flags = command.flags;
  if (!command.path.empty()) {
    for (const FlagInfo& flag : root.flags) {
      // Only the program itself has --version. Every command has --help.
      if (flag.takes_value || !flag.environment.empty()) flags.push_back(flag);
    }
  }
  return flags;
}

std::string QuoteForShell(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

// A case pattern of all words that lead from one command to the next:
// " get"|"session pair".
std::string StepPattern(const CommandInfo& root) {
  std::vector<std::string> steps;
  for (const CommandInfo* command : AllCommands(root)) {
    for (const CommandInfo& next : command->commands) {
      steps.push_back(
          absl::StrCat("\"", command->path, " ", next.name(), "\""));
    }
  }
  return absl::StrJoin(steps, "|");
}

// A case pattern of all flags that take a value.
std::string ValuePattern(const CommandInfo& root) {
  std::vector<std::string> names;
  for (const CommandInfo* command : AllCommands(root)) {
    for (const FlagInfo& flag : command->flags) {
      if (!flag.takes_value) continue;
      names.insert(names.end(), flag.names.begin(), flag.names.end());
    }
  }
  return absl::StrJoin(names, "|");
}

// The cases of the values of flags: `format` has "path:flag" patterns and the
// choices for "%s" and "%s".
template <typename Format>
std::string ChoiceCases(const CommandInfo& root, const Format& format) {
  std::string cases;
  for (const CommandInfo* command : AllCommands(root)) {
    for (const FlagInfo& flag : FlagsAt(root, *command)) {
      if (flag.choices.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : flag.names) {
        patterns.push_back(absl::StrCat("\"", command->path, ":", name, "\""));
      }
      absl::StrAppendFormat(&cases, format, absl::StrJoin(patterns, "|"),
                            absl::StrJoin(flag.choices, " "));
    }
  }
  return cases;
}

std::string FlagNames(const std::vector<FlagInfo>& flags) {
  std::vector<std::string> names;
  for (const FlagInfo& flag : flags) {
    names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  return absl::StrJoin(names, " ");
}

std::string CommandNames(const CommandInfo& command) {
  return absl::StrJoin(command.commands, " ",
                       [](std::string* text, const CommandInfo& next) {
                         absl::StrAppend(text, next.name());
                       });
}

// A pair of zsh's _describe: 'name:text'.
std::string Described(const std::string& name, const std::string& about) {
  return QuoteForShell(absl::StrCat(absl::StrReplaceAll(name, {{":", "\\:"}}),
                                    ":", FirstSentence(about)));
}

}  // namespace

std::string BashCompletion(const CommandInfo& root) {
  std::string script = absl::StrCat(
      "# bash completion of portrait; made by: portrait completion bash\n"
      "_portrait() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]}\n"
      "  local previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local path= word commands= flags= i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    case $word in ",
      ValuePattern(root),
      ") ((++i)); continue ;; esac\n"
      "    case \"$path $word\" in\n      ",
      StepPattern(root),
      ") path=${path:+$path }$word ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path:$previous\" in\n");
  script += ChoiceCases(
      root, absl::ParsedFormat<'s', 's'>(
                "    %s) COMPREPLY=($(compgen -W '%s' -- \"$current\")); "
                "return ;;\n"));
  absl::StrAppend(&script, "  esac\n  case $previous in ", ValuePattern(root),
                  ") return ;; esac\n  case $path in\n");
  for (const CommandInfo* command : AllCommands(root)) {
    absl::StrAppendFormat(&script,
                          "    \"%s\") commands='%s'\n      flags='%s' ;;\n",
                          command->path, CommandNames(*command),
                          FlagNames(FlagsAt(root, *command)));
  }
  absl::StrAppend(
      &script,
      "  esac\n"
      "  if [[ $current == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$flags\" -- \"$current\"))\n"
      "  elif [[ $commands ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n"
      "  fi\n"
      "}\n"
      "complete -o bashdefault -o default -F _portrait portrait\n");
  return script;
}

std::string ZshCompletion(const CommandInfo& root) {
  std::string script = absl::StrCat(
      "#compdef portrait\n"
      "# zsh completion of portrait; made by: portrait completion zsh\n"
      "_portrait() {\n"
      "  local previous=$words[CURRENT-1] place= word i\n"
      "  local -a commands flags\n"
      "  for ((i = 2; i < CURRENT; ++i)); do\n"
      "    word=$words[i]\n"
      "    case $word in ",
      ValuePattern(root),
      ") ((++i)); continue ;; esac\n"
      "    case \"$place $word\" in\n      ",
      StepPattern(root),
      ") place=${place:+$place }$word ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$place:$previous\" in\n");
  script += ChoiceCases(
      root, absl::ParsedFormat<'s', 's'>("    %s) compadd -- %s; return ;;\n"));
  absl::StrAppend(&script, "  esac\n  case $previous in ", ValuePattern(root),
                  ") _files; return ;; esac\n  case $place in\n");
  for (const CommandInfo* command : AllCommands(root)) {
    std::vector<std::string> commands;
    for (const CommandInfo& next : command->commands) {
      commands.push_back(Described(next.name(), next.about));
    }
    std::vector<std::string> flags;
    for (const FlagInfo& flag : FlagsAt(root, *command)) {
      for (const std::string& name : flag.names) {
        flags.push_back(Described(name, flag.about));
      }
    }
    absl::StrAppendFormat(
        &script, "    \"%s\") commands=(%s)\n      flags=(%s) ;;\n",
        command->path, absl::StrJoin(commands, " "), absl::StrJoin(flags, " "));
  }
  absl::StrAppend(&script,
                  "  esac\n"
                  "  if [[ $PREFIX == -* ]]; then\n"
                  "    _describe flag flags\n"
                  "  elif (( $#commands )); then\n"
                  "    _describe command commands\n"
                  "  else\n"
                  "    _files\n"
                  "  fi\n"
                  "}\n"
                  "compdef _portrait portrait\n");
  return script;
}

std::string FishCompletion(const CommandInfo& root) {
  std::string script = absl::StrCat(
      "# fish completion of portrait; made by: portrait completion fish\n"
      "function __portrait_path\n"
      "  set -l place ''\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    switch \"$place $word\"\n"
      "      case ",
      absl::StrReplaceAll(StepPattern(root), {{"|", " "}}),
      "\n"
      "        set place (string trim \"$place $word\")\n"
      "    end\n"
      "  end\n"
      "  echo $place\n"
      "end\n");
  for (const CommandInfo* command : AllCommands(root)) {
    const std::string condition =
        absl::StrCat("complete -c portrait -n 'test (__portrait_path) = \"",
                     command->path, "\"'");
    for (const CommandInfo& next : command->commands) {
      absl::StrAppend(&script, condition, " -f -a ", next.name(), " -d ",
                      QuoteForShell(FirstSentence(next.about)), "\n");
    }
    for (const FlagInfo& flag : FlagsAt(root, *command)) {
      absl::StrAppend(&script, condition);
      for (const std::string& name : flag.names) {
        const bool is_long = absl::StartsWith(name, "--");
        absl::StrAppend(&script, is_long ? " -l " : " -s ",
                        name.substr(is_long ? 2 : 1));
      }
      if (!flag.choices.empty()) {
        absl::StrAppend(&script, " -x -a '", absl::StrJoin(flag.choices, " "),
                        "'");
      } else if (flag.takes_value) {
        absl::StrAppend(&script, " -r");
      }
      absl::StrAppend(&script, " -d ", QuoteForShell(FirstSentence(flag.about)),
                      "\n");
    }
  }
  return script;
}

}  // namespace portrait::cli
