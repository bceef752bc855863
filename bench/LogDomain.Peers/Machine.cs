using System.Collections;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Versioning;

namespace LogDomain.Peers;

/// <summary>What figures mean nothing without.</summary>
internal static class Machine
{
    private static readonly nint AllCores = CanPin ? Process.GetCurrentProcess().ProcessorAffinity : 0;

    public static string Processor
    {
        get
        {
            const string CpuInfo = "/proc/cpuinfo";
            string? model = File.Exists(CpuInfo)
                ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
                : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
            return $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores";
        }
    }

    /// <summary>Threads that wanted a core during the last minute, null where the system does not say. Ours makes one.</summary>
    public static string? Load => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : null;

    public static string InstructionSet =>
        Vector512.IsHardwareAccelerated ? "AVX-512"
        : Avx2.IsSupported ? "AVX2"
        : AdvSimd.IsSupported ? "AdvSimd"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors" : "no vectors";

    /// <summary>Variables of the environment that change what the libraries do.</summary>
    public static IEnumerable<string> Settings =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where name.StartsWith("DOTNET_Enable", StringComparison.Ordinal) || name.StartsWith("DOTNET_Tiered", StringComparison.Ordinal)
            || name.StartsWith("ATEN_", StringComparison.Ordinal) || name.StartsWith("MKL_", StringComparison.Ordinal)
            || name.StartsWith("OMP_", StringComparison.Ordinal) || name.StartsWith("ONEDNN_", StringComparison.Ordinal)
            || name.StartsWith("MALLOC_", StringComparison.Ordinal)
        orderby name
        select $"{name}={variable.Value}";

    [SupportedOSPlatformGuard("linux")]
    [SupportedOSPlatformGuard("windows")]
    private static bool CanPin => OperatingSystem.IsLinux() || OperatingSystem.IsWindows();

    public static string VersionOf(Assembly assembly)
    {
        string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int commit = version.IndexOf('+', StringComparison.Ordinal);
        return commit < 0 ? version : version[..Math.Min(version.Length, commit + 8)];
    }

    /// <summary>Keeps this thread on the last core that it may use, so that it does not wander, or lets it go again.</summary>
    public static void Pin(bool pinned)
    {
        if (CanPin)
        {
            using Process process = Process.GetCurrentProcess();
            process.ProcessorAffinity = pinned ? (nint)1 << (int)nuint.Log2((nuint)AllCores) : AllCores;
        }
    }
}
