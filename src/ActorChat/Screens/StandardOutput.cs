// Standard output that reports when its reader has gone. The stream of .NET's console ignores a broken pipe, so a node would go on acknowledging messages
// that nobody sees.

using Microsoft.Win32.SafeHandles;

namespace ActorChat.Screens;

/// <summary>The process's standard output, unbuffered.</summary>
internal static class StandardOutput
{
    private const int FileDescriptor = 1;

    /// <summary>Opens it. Writing throws an <see cref="IOException"/> when nobody can read it any more.</summary>
    public static Stream Open() => OperatingSystem.IsWindows()
        ? Console.OpenStandardOutput()
        : new FileStream(new SafeFileHandle(FileDescriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
}
