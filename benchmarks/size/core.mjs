export * from "@l402/core";
