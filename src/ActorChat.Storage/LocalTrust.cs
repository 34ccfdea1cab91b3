// Whom on this machine we trust: ourselves and root, who can do everything anyway. A file that somebody else may write may hold somebody else's
// passwords; a folder that somebody else owns may hold somebody else's socket. So both are checked before they are used.

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ActorChat.Storage;

/// <summary>Others own a file or folder, or may write to it. The message says what to do.</summary>
public sealed class UntrustedException(string message) : IOException(message);

/// <summary>Checks owner and mode. On Windows nothing is checked: access rights are inherited from the user's folders there.
/// Where the system does not tell the owner (it is asked through statx, which is Linux's), the mode alone decides.</summary>
public static class LocalTrust
{
    private const UnixFileMode ReadByOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Refuses a file that others own or may write to. Pipes and terminals are accepted as they are: the user chose to open them.</summary>
    /// <param name="file">The open file, so that what is checked is what is read.</param>
    /// <param name="path">Its name, for the message.</param>
    /// <exception cref="UntrustedException">Others could put their own words into it.</exception>
    public static void CheckFile(SafeFileHandle file, string path)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!OperatingSystem.IsWindows() && Status(file, "") is { IsSpecial: false } status)
        {
            Refuse(Problem(path, "give a file of your own", status.Owner, status.Group, File.GetUnixFileMode(file), UserId()));
        }
    }

    /// <summary>Refuses a folder, or a socket, that others own or may write to.</summary>
    /// <exception cref="UntrustedException">Others could put their own files into it, or answer in its owner's place.</exception>
    public static void CheckFolder(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            var status = Status(null, path);
            Refuse(Problem(path, "name a folder that only you may write to (--state)", status.Owner, status.Group, File.GetUnixFileMode(path), UserId()));
        }
    }

    /// <summary>A warning about a secret that others may read, without a full stop; null when only its owner may, and on Windows.</summary>
    /// <param name="path">The file.</param>
    /// <param name="holds">What is in it, for example "passwords".</param>
    public static string? Warning(string path, string holds)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path) || IsSpecial(path)) // a shell's <(command) is a pipe, and its link leads to no file
        {
            return null;
        }

        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return File.GetUnixFileMode(target) is var mode && (mode & ReadByOthers) != 0
            ? $"others may read {path} (mode {Octal(mode)}), and it holds {holds}; keep it to yourself: chmod 600 {path}"
            : null;
    }

    /// <summary>Whether the name is a device, a pipe or a socket, which must not be replaced by a file. A link is followed.</summary>
    public static bool IsSpecial(string path) => File.Exists(path) && !OperatingSystem.IsWindows() && Status(null, path).IsSpecial;

    /// <summary>The inode number, which identifies a file in its file system while it exists; null where the system does not tell it.</summary>
    public static ulong? NumberOf(string path) => Status(null, path).Number;

    /// <summary>Whether a user of this machine is ourselves or root.</summary>
    public static bool IsTrusted(uint userId) => userId == 0 || userId == UserId();

    /// <summary>What is wrong with an owner and a mode, and what to do; null when nothing is.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="remedy">What to do instead.</param>
    /// <param name="owner">Its owner; null when unknown.</param>
    /// <param name="group">Its group. Many systems give each user a group of the same number, in which there is nobody else.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="user">Who we are.</param>
    internal static string? Problem(string path, string remedy, uint? owner, uint? group, UnixFileMode mode, uint user)
    {
        var isWrittenByGroup = (mode & UnixFileMode.GroupWrite) != 0 && group != user;
        return owner is { } id && id != 0 && id != user ? $"{path} belongs to another user (number {id}), who could change it; {remedy}"
            : isWrittenByGroup || (mode & UnixFileMode.OtherWrite) != 0 ? $"{path} may be written by others (mode {Octal(mode)}); {remedy}, or if it is yours alone: chmod go-w {path}"
            : null;
    }

    private static void Refuse(string? problem)
    {
        if (problem is not null)
        {
            throw new UntrustedException(problem);
        }
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8);

    // struct statx has the same layout on every processor: user at 20, group at 24, type and mode at 28, inode number at 32; 256 bytes in all.
    private static (uint? Owner, uint? Group, bool IsSpecial, ulong? Number) Status(SafeFileHandle? file, string path)
    {
        const int currentFolder = -100;
        const int emptyPath = 0x1000;
        const int wanted = 0x119;
        const int typeBits = 0xf000;
        const int regularFile = 0x8000;
        if (!OperatingSystem.IsLinux())
        {
            return (null, null, false, null);
        }

        var result = new byte[256];
        var isTold = file is null
            ? Statx(currentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, wanted, result) == 0
            : Statx(file, [0], emptyPath, wanted, result) == 0;
        return isTold
            ? (BitConverter.ToUInt32(result, 20), BitConverter.ToUInt32(result, 24), (BitConverter.ToUInt16(result, 28) & typeBits) != regularFile, BitConverter.ToUInt64(result, 32))
            : (null, null, false, null);
    }

    private static uint UserId() => OperatingSystem.IsWindows() ? 0 : GetEffectiveUserId();

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] result);

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int Statx(SafeFileHandle folder, byte[] path, int flags, uint mask, byte[] result);

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEffectiveUserId();
}
