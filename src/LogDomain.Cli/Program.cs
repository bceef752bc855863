using LogDomain.Cli;

return EvaluateCommand.Root().Parse(args) is var parsed && parsed.Errors.Count > 0
    ? EvaluateCommand.Refuse(string.Join(' ', parsed.Errors.Select(error => error.Message)))
    : parsed.Invoke();
