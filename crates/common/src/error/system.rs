//! What the system says of a refusal, in each language.

use std::io;

use nix::errno::Errno;

use crate::lang::Lang;
use crate::words::{Arg, Text};

crate::words! {
    fn not_found() { en: "entity not found", zh: "不存在" }
    fn invalid_data() { en: "invalid data", zh: "内容无效" }
    fn write_zero() { en: "write zero", zh: "一个字节也没有写入" }
    fn unexpected_end() { en: "unexpected end of file", zh: "文件提前结束" }
    fn buffer_not_filled() { en: "failed to fill whole buffer", zh: "内容提前结束" }
    fn timed_out() { en: "timed out", zh: "超时" }
    fn refused() { en: "connection refused", zh: "连接被拒绝" }
    fn denied() { en: "permission denied", zh: "权限不够" }
    fn unsupported() { en: "unsupported", zh: "不支持" }
    fn other() { en: "other error", zh: "其他错误" }
    fn no_addresses() { en: "could not resolve to any addresses", zh: "它没有地址" }
    fn not_looked_up(why) { en: "failed to lookup address information: {why}", zh: "查不到它的地址:{why}" }
    fn unknown_name() { en: "Name or service not known", zh: "没有这个名称" }
    fn no_name_server() { en: "Temporary failure in name resolution", zh: "域名服务器暂时没有回答" }
    fn no_address_of_name() { en: "No address associated with hostname", zh: "这个名称没有地址" }
}

/// What an error of this number, as `errno` has it, means.
pub(super) fn of_number(number: i32) -> Text {
    fn render(args: &[Arg], lang: Lang) -> String {
        let [Arg::Number(number)] = args else { return String::new() };
        let number = number.as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or_default();
        match chinese(Errno::from_raw(number)) {
            Some(chinese) if lang == Lang::Zh => chinese.to_owned(),
            _ => killproof::error::cause(&io::Error::from_raw_os_error(number)),
        }
    }
    Text::without_a_key(vec![number.into()], render)
}

/// The standard library has its own errors as sentences alone.
pub(super) fn of_standard_library(error: &io::Error) -> Text {
    const LOOKUP: &str = "failed to lookup address information: ";
    let told = killproof::error::cause(error);
    match told.strip_prefix(LOOKUP) {
        Some(why) => not_looked_up(known(why)),
        None => known(&told),
    }
}

fn known(told: &str) -> Text {
    let known = [
        not_found(),
        invalid_data(),
        write_zero(),
        unexpected_end(),
        buffer_not_filled(),
        timed_out(),
        refused(),
        denied(),
        unsupported(),
        other(),
        no_addresses(),
        unknown_name(),
        no_name_server(),
        no_address_of_name(),
    ];
    known.into_iter().find(|text| text.in_lang(Lang::En) == told).unwrap_or_else(|| told.into())
}

/// In the words of the C library's Chinese, where they are clear.
fn chinese(errno: Errno) -> Option<&'static str> {
    Some(match errno {
        Errno::EPERM => "不允许的操作",
        Errno::ENOENT => "没有那个文件或目录",
        Errno::ESRCH => "没有那个进程",
        Errno::EINTR => "系统调用被信号打断",
        Errno::EIO => "输入/输出错误",
        Errno::ENXIO => "没有那个设备或地址",
        Errno::E2BIG => "参数列表过长",
        Errno::ENOEXEC => "不是可执行文件的格式",
        Errno::EBADF => "错误的文件描述符",
        Errno::ECHILD => "没有子进程",
        Errno::EAGAIN => "资源暂时不可用",
        Errno::ENOMEM => "无法分配内存",
        Errno::EACCES => "权限不够",
        Errno::EFAULT => "错误的内存地址",
        Errno::ENOTBLK => "不是块设备",
        Errno::EBUSY => "设备或资源忙",
        Errno::EEXIST => "文件已存在",
        Errno::EXDEV => "跨越设备的链接",
        Errno::ENODEV => "没有那个设备",
        Errno::ENOTDIR => "不是目录",
        Errno::EISDIR => "是一个目录",
        Errno::EINVAL => "无效的参数",
        Errno::ENFILE => "系统中打开的文件过多",
        Errno::EMFILE => "打开的文件过多",
        Errno::ENOTTY => "对设备不适当的操作",
        Errno::ETXTBSY => "程序文件正在使用中",
        Errno::EFBIG => "文件过大",
        Errno::ENOSPC => "设备上没有空间",
        Errno::ESPIPE => "不能移动读写位置",
        Errno::EROFS => "只读文件系统",
        Errno::EMLINK => "链接过多",
        Errno::EPIPE => "管道已断开",
        Errno::EDOM => "数值超出定义域",
        Errno::ERANGE => "数值超出范围",
        Errno::EDEADLK => "会造成死锁",
        Errno::ENAMETOOLONG => "文件名过长",
        Errno::ENOLCK => "没有可用的锁",
        Errno::ENOSYS => "系统没有这个功能",
        Errno::ENOTEMPTY => "目录非空",
        Errno::ELOOP => "符号链接的层数过多",
        Errno::ENODATA => "没有可用的数据",
        Errno::ETIME => "计时器超时",
        Errno::EPROTO => "协议错误",
        Errno::EBADMSG => "错误的消息",
        Errno::EOVERFLOW => "数值对类型来说过大",
        Errno::EILSEQ => "无效的字符",
        Errno::EUSERS => "用户过多",
        Errno::ENOTSOCK => "不是套接字",
        Errno::EDESTADDRREQ => "缺少目标地址",
        Errno::EMSGSIZE => "消息过长",
        Errno::EPROTOTYPE => "套接字的协议类型错误",
        Errno::ENOPROTOOPT => "没有这个协议选项",
        Errno::EPROTONOSUPPORT => "不支持的协议",
        Errno::ESOCKTNOSUPPORT => "不支持的套接字类型",
        Errno::EOPNOTSUPP => "不支持的操作",
        Errno::EAFNOSUPPORT => "不支持的地址族",
        Errno::EADDRINUSE => "地址已在使用中",
        Errno::EADDRNOTAVAIL => "无法使用这个地址",
        Errno::ENETDOWN => "网络已关闭",
        Errno::ENETUNREACH => "网络不可达",
        Errno::ENETRESET => "网络断开了连接",
        Errno::ECONNABORTED => "连接被中止",
        Errno::ECONNRESET => "连接被对方重置",
        Errno::ENOBUFS => "没有可用的缓冲区",
        Errno::EISCONN => "套接字已经连接",
        Errno::ENOTCONN => "套接字没有连接",
        Errno::ESHUTDOWN => "套接字已经关闭",
        Errno::ETIMEDOUT => "连接超时",
        Errno::ECONNREFUSED => "连接被拒绝",
        Errno::EHOSTDOWN => "主机已关闭",
        Errno::EHOSTUNREACH => "没有到主机的路由",
        Errno::EALREADY => "操作已经在进行",
        Errno::EINPROGRESS => "操作正在进行",
        Errno::ESTALE => "文件句柄已失效",
        Errno::EREMOTEIO => "远程输入/输出错误",
        Errno::EDQUOT => "超出磁盘配额",
        Errno::ECANCELED => "操作已取消",
        Errno::EOWNERDEAD => "持有者已死亡",
        Errno::ENOTRECOVERABLE => "状态无法恢复",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_answers_most_often_is_said_in_chinese() {
        let common = (1..=40).chain(71..=75).chain(84..=116).chain([121, 122, 125]);
        // Numbers that Linux does not use, and what no file, process or socket of ours can meet.
        let rare = [41, 72, 73, 85, 86, 96, 109];
        for number in common.filter(|number| !rare.contains(number)) {
            let words = of_number(number).in_lang(Lang::Zh);
            let english = of_number(number).in_lang(Lang::En);
            assert!(!words.chars().any(|letter| letter.is_ascii_alphabetic()), "{number}, {english}: {words}");
        }
    }

    #[test]
    fn every_error_of_the_standard_library_that_is_known_is_said_in_chinese() {
        let lookup = |why: &str| io::Error::other(format!("failed to lookup address information: {why}"));
        for error in [
            io::ErrorKind::NotFound.into(),
            io::ErrorKind::InvalidData.into(),
            io::ErrorKind::ConnectionRefused.into(),
            lookup("Name or service not known"),
        ] {
            let words = of_standard_library(&error).in_lang(Lang::Zh);
            assert!(!words.chars().any(|letter| letter.is_ascii_alphabetic()), "{error}: {words}");
            assert_eq!(of_standard_library(&error).in_lang(Lang::En), killproof::error::cause(&error));
        }
        let unknown = of_standard_library(&lookup("the sky is falling")).in_lang(Lang::Zh);
        assert_eq!(unknown, "查不到它的地址:the sky is falling");
    }
}
