#include "torch/unloadable_library.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <vector>

namespace tandem::aotinductor {
namespace {

template <typename T>
bool ReadAt(std::fstream& file, std::uint64_t offset, std::vector<T>& entries) {
  file.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(
      file.read(reinterpret_cast<char*>(entries.data()), static_cast<std::streamsize>(entries.size() * sizeof(T))));
}

}  // namespace

void MakeUnloadable(const std::filesystem::path& library) {
  std::fstream file(library, std::ios::binary | std::ios::in | std::ios::out);
  std::vector<Elf64_Ehdr> header(1);
  if (!ReadAt(file, 0, header)) return;
  const Elf64_Ehdr& elf = header.front();
  if (std::memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64) return;
  if (elf.e_shentsize != sizeof(Elf64_Shdr)) return;
  std::vector<Elf64_Shdr> sections(elf.e_shnum);
  if (!ReadAt(file, elf.e_shoff, sections)) return;
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_type != SHT_DYNSYM) continue;
    std::vector<Elf64_Sym> symbols(section.sh_size / sizeof(Elf64_Sym));
    if (!ReadAt(file, section.sh_offset, symbols)) return;
    for (Elf64_Sym& symbol : symbols) {
      if (ELF64_ST_BIND(symbol.st_info) != STB_GNU_UNIQUE) continue;
      symbol.st_info = ELF64_ST_INFO(STB_WEAK, ELF64_ST_TYPE(symbol.st_info));
    }
    file.seekp(static_cast<std::streamoff>(section.sh_offset));
    file.write(reinterpret_cast<const char*>(symbols.data()),
               static_cast<std::streamsize>(symbols.size() * sizeof(Elf64_Sym)));
  }
}

}  // namespace tandem::aotinductor
