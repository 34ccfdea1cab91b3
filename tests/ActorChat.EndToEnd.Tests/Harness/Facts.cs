// Facts that hold only on some machines: elsewhere the runner lists them as skipped, with the reason.

namespace ActorChat.EndToEnd.Tests.Harness;

/// <summary>A fact about signals.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = Signals.WhyNot;
}

/// <summary>A theory about signals.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = Signals.WhyNot;
}

/// <summary>A fact about IPv6.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IPv6FactAttribute : FactAttribute
{
    public IPv6FactAttribute() => Skip = Ports.HasIPv6() ? null : "this machine has no IPv6";
}

/// <summary>A fact about what Linux shows of a process.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "only Linux shows in /proc what a process has and may have";
}

/// <summary>A fact about the Python peer.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute() => Skip = PythonPeer.WhyNot;
}

/// <summary>A theory about the Python peer.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonTheoryAttribute : TheoryAttribute
{
    public PythonTheoryAttribute() => Skip = PythonPeer.WhyNot;
}

/// <summary>A fact about a program that not every machine has.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program) => Skip = ProgramTheoryAttribute.WhyNot(program);
}

/// <summary>A theory about a program that not every machine has.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(string program) => Skip = WhyNot(program);

    internal static string? WhyNot(string program) =>
        OperatingSystem.IsWindows() || !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)))
            ? $"{program} is not installed here, or this is Windows"
            : null;
}
