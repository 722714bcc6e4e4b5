//! Why there can be no file or folder at a place, in each language.

crate::words! {
    pub(crate) fn is_a_directory() { en: "it is a directory", zh: "它是目录" }
    pub(crate) fn is_no_regular_file() { en: "it is not a regular file", zh: "它不是普通文件" }
    pub(crate) fn may_not_be_written() { en: "it may not be written to", zh: "没有写入它的权限" }
    pub(crate) fn names_no_file() { en: "it names no file", zh: "这不是文件名" }
    pub(crate) fn no_folder(folder) { en: "there is no folder {folder}", zh: "没有目录 {folder}" }
    pub(crate) fn is_not_a_folder(folder) { en: "{folder} is not a folder", zh: "{folder} 不是目录" }
    pub(crate) fn not_its_rights(why) {
        en: "a new file cannot have its owner and its rights: {why}; remove it, or name another file",
        zh: "新文件得不到它的所有者和权限:{why};请删除它,或换一个文件名"
    }
    pub(crate) fn no_file_can_be_made(folder, why) {
        en: "no file can be made in {folder}: {why}", zh: "{folder} 中不能创建文件:{why}"
    }
    pub(crate) fn leads_nowhere() { en: "it is a link that leads nowhere", zh: "它是没有目标的链接" }
    pub(crate) fn names_no_new_folder() { en: "it names no new folder", zh: "这不是新目录的名称" }
    pub(crate) fn is_no_folder() { en: "it is no folder", zh: "它不是目录" }
    pub(crate) fn is_not_empty() { en: "it is not empty; name a new folder", zh: "它不是空的;请换一个新目录" }
    pub(crate) fn is_in_use() { en: "it is in use; name a new folder", zh: "它正在使用中;请换一个新目录" }
    pub(crate) fn no_folder_can_be_made(parent, why) {
        en: "no folder can be made in {parent}: {why}", zh: "{parent} 中不能创建目录:{why}"
    }
}
