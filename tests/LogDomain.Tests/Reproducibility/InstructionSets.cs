using System.Diagnostics;

namespace LogDomain.Tests.Reproducibility;

/// <summary>
/// Runs this test's own program again with sets of instructions switched off, which only an environment variable of a new process can do: another variable names
/// the file to which that process writes what it computed.
/// </summary>
internal static class InstructionSets
{
    public static TheoryData<string> Switches => ["DOTNET_EnableAVX512", "DOTNET_EnableAVX2", "DOTNET_EnableHWIntrinsic"];

    /// <summary>Asserts that the lines are those that a child computes without the set.</summary>
    public static void AssertSame(string variable, string disabled, Func<string[]> compute)
    {
        string file = Path.GetTempFileName();
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(InstructionSets).Assembly.Location);
        start.Environment[disabled] = "0";
        start.Environment[variable] = file;
        using Process child = Process.Start(start)!;
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        string[] lines = File.ReadAllLines(file);
        File.Delete(file);
        Assert.Equal(compute(), lines);
    }

    /// <summary>In the child: writes the lines and leaves before any test runs.</summary>
    public static void WriteInChild(string variable, Func<string[]> compute)
    {
        if (Environment.GetEnvironmentVariable(variable) is string file)
        {
            File.WriteAllLines(file, compute());
            Environment.Exit(0);
        }
    }
}
