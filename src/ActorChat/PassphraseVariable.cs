// The passphrase in the environment. A process keeps its environment where it was put at the start, readable in /proc and in every core dump,
// whatever the program does with its own copy; so the value is overwritten there as soon as it has been read.

using System.Runtime.InteropServices;
using System.Text;

namespace ActorChat;

/// <summary>Reads <c>ACTORCHAT_PASSPHRASE</c> once and takes it out of the process's environment.</summary>
internal static class PassphraseVariable
{
    /// <summary>The variable's name.</summary>
    public const string Name = "ACTORCHAT_PASSPHRASE";

    /// <summary>The passphrase; null when the variable is not set or empty.</summary>
    public static string? Take()
    {
        var value = Environment.GetEnvironmentVariable(Name);
        Environment.SetEnvironmentVariable(Name, null);
        if (!OperatingSystem.IsWindows())
        {
            Overwrite();
        }

        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static void Overwrite()
    {
        var value = GetEnv(Encoding.ASCII.GetBytes(Name + '\0'));
        for (var i = 0; value != 0 && Marshal.ReadByte(value, i) != 0; i++)
        {
            Marshal.WriteByte(value, i, (byte)'x');
        }
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint GetEnv(byte[] name);
}
