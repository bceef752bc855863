using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LogDomain.Tests.Reproducibility;

/// <summary>The same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class InstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_FINGERPRINT_FILE";

    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled)
    {
        string file = Path.GetTempFileName();
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(InstructionSetTests).Assembly.Location);
        start.Environment[disabled] = "0";
        start.Environment[Variable] = file;
        using Process child = Process.Start(start)!;
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        string fingerprint = File.ReadAllText(file);
        File.Delete(file);
        Assert.Equal(Fingerprint.Compute(), fingerprint);
    }

    /// <summary>In the child: writes the fingerprint and leaves before any test runs.</summary>
    [ModuleInitializer]
    internal static void WriteFingerprint()
    {
        if (Environment.GetEnvironmentVariable(Variable) is string file)
        {
            File.WriteAllText(file, Fingerprint.Compute());
            Environment.Exit(0);
        }
    }
}
