"""Language models for the llama generator: those that are here already, and those that can be downloaded."""

from rag.models.folder import default_model, models_folder, remember_model

__all__ = ["default_model", "models_folder", "remember_model"]
