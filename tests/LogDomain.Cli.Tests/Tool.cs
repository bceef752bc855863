using System.Diagnostics;

namespace LogDomain.Cli.Tests;

/// <summary>The tool as a process, as a user runs it.</summary>
internal static class Tool
{
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments) => Run([], arguments);

    public static (int ExitCode, string Output, string Error) Run(Dictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "LogDomain.Cli.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
